import Foundation
import TensorFiles
import TestSupport
import Testing

/// Files that carry sums of their tensors and of their description.
@Suite struct SafetensorsChecksumTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("a.safetensors")
        try SafetensorsWriter.write(
            path, tensors: tensors, metadata: ["format": "x", "text": "as said"], checksums: true)
    }

    private let tensors: [SafetensorsTensor] = [
        .init(name: "weights", shape: [2, 3], floats: [1, -2, 3, 0.5, 1e-30, 7]),
        .init(name: "counts", shape: [2], integers: [3, 9]),
        .init(name: "none", shape: [0], floats: []),
    ]

    /// Opens the file and reads all of it.
    private func read(_ path: String) throws {
        let file = try SafetensorsFile(path: path)
        try file.check()
        for name in file.names {
            if try file.entry(name).dtype == .int64 {
                _ = try file.integers(name)
            } else {
                _ = try file.floats(name)
            }
        }
    }

    /// The sums of an independent implementation: Python's `zlib.crc32` of the bytes.
    @Test func theSums() throws {
        let words = try #require(SafetensorsFile(path: path).metadata["crc32"]).split(separator: " ")
        #expect(words.count == 4)
        #expect(words.dropFirst() == ["da3ce48c", "00000000", "11faf673"])
        try read(path)
    }

    @Test func everyFlippedBitIsNoticed() throws {
        let bytes = try folder.read("a.safetensors")
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                let copy = try folder.write(damaged, to: "b.safetensors")
                let file = try? SafetensorsFile(path: copy)
                // A file that has lost the key itself is told by its own version.
                if let file, !file.hasChecksums, file.metadata["crc32"] == nil { continue }
                #expect(throws: (any Error).self, "byte \(index), bit \(bit)") { try read(copy) }
            }
        }
    }

    @Test func theTensorIsNamed() throws {
        var bytes = try folder.read("a.safetensors")
        bytes[bytes.count - 1] ^= 1
        let copy = try folder.write(bytes, to: "b.safetensors")
        let line = message { _ = try SafetensorsFile(path: copy).floats("weights") }
        #expect(line.hasPrefix("\(copy) is damaged: tensor \"weights\" is not what was written"), "\(line)")
        #expect(line.count < 300 + copy.count)
        #expect(message { try SafetensorsFile(path: copy).check() } == line)
        #expect(try SafetensorsFile(path: copy).integers("counts") == [3, 9])
    }

    /// Another order and other white space mean the same.
    @Test func savedAgain() throws {
        let file = try SafetensorsFile(path: path)
        var header = #"{ "weights":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
        header += #""none":{"shape":[0],"dtype":"F32","data_offsets":[24,24]},"#
        header += #""counts":{"dtype":"I64","shape":[2],"data_offsets":[24,40]},"#
        header +=
            #""__metadata__":{"text":"as said","crc32":"\#(file.metadata["crc32"] ?? "")","format":"x"}}"#
        var bytes =
            withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
        try file.floats("weights").withUnsafeBytes { bytes += $0 }
        try file.integers("counts").withUnsafeBytes { bytes += $0 }
        try read(try folder.write(bytes, to: "b.safetensors"))
    }

    /// Hugging Face's libraries keep the metadata whatever the tensors have become.
    @Test func changedUnderTheMarkOfALibrary() throws {
        var metadata = try SafetensorsFile(path: path).metadata
        let half = [SafetensorsTensor(name: "weights", shape: [1], floats: [2])]
        try SafetensorsWriter.write(path, tensors: half, metadata: metadata)
        #expect(message { try read(path) }.contains("damaged header"))
        metadata["format"] = "pt"
        try SafetensorsWriter.write(path, tensors: half, metadata: metadata)
        try read(path)
        #expect(try SafetensorsFile(path: path).isSavedAgain)
    }

    @Test func withoutSums() throws {
        try SafetensorsWriter.write(path, tensors: tensors)
        #expect(try !SafetensorsFile(path: path).hasChecksums)
        try read(path)
    }
}
