import Foundation
import SystemPackage
import TensorFiles
import TestSupport
import Testing

@Suite struct NumpyFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The bytes of a file, written out by hand after numpy.lib.format.
    @Test func layoutOfAFile() throws {
        try NumpyFile.write(
            FilePath(folder.file("a.npy")), shape: [2, 3], elements: [1, -2, 3, 256, 5, 6] as [Int32])
        let dictionary = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }"
        var expected: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 118, 0]
        expected += Array(dictionary.utf8)
        expected += [UInt8](repeating: 0x20, count: 128 - 10 - dictionary.utf8.count - 1) + [0x0A]
        expected += [1, 0, 0, 0, 254, 255, 255, 255, 3, 0, 0, 0, 0, 1, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0]
        #expect(try folder.read("a.npy") == expected)
    }

    @Test func shapesAndTypes() throws {
        func dictionary<Element: NumpyElement>(_ shape: [Int], _ elements: [Element]) throws -> String {
            try NumpyFile.write(FilePath(folder.file("a.npy")), shape: shape, elements: elements)
            let bytes = try folder.read("a.npy")
            let header = Int(bytes[8]) + Int(bytes[9]) << 8
            #expect((10 + header) % 64 == 0 && bytes[9 + header] == 0x0A)
            #expect(bytes.count == 10 + header + elements.count * MemoryLayout<Element>.size)
            #expect(Array(bytes[(10 + header)...]) == elements.withUnsafeBytes { Array($0) })
            return String(decoding: bytes[10..<(9 + header)], as: UTF8.self).trimmingCharacters(
                in: .whitespaces)
        }
        let start = "'fortran_order': False, 'shape':"
        #expect(try dictionary([], [1.5] as [Float]) == "{'descr': '<f4', \(start) (), }")
        #expect(try dictionary([2], [1, 2] as [Int16]) == "{'descr': '<i2', \(start) (2,), }")
        #expect(try dictionary([0, 4], [] as [Int64]) == "{'descr': '<i8', \(start) (0, 4), }")
        let deep = [Int](repeating: 1, count: 40)
        #expect(try dictionary(deep, [7] as [Int32]).contains("(1, 1, 1,"))
    }

    @Test func refused() throws {
        let path = folder.file("a.npy")
        func refusal(_ shape: [Int], _ count: Int) -> String {
            message {
                try NumpyFile.write(
                    FilePath(path), shape: shape, elements: [Int32](repeating: 0, count: count))
            }
        }
        #expect(refusal([2, 3], 5) == "\(path) is not written: 5 elements do not fill the shape [2, 3]")
        #expect(refusal([-1], 1).contains("do not fill"))
        #expect(refusal([.max, .max], 1).contains("do not fill"))
        #expect(refusal([Int](repeating: 1, count: 30_000), 1).contains("dimensions are too many"))
        #expect(try folder.names.isEmpty)
    }
}
