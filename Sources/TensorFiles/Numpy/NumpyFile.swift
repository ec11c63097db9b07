import Files
import SystemPackage

/// The element types that are written to NumPy files.
public protocol NumpyElement: BitwiseCopyable {
    /// NumPy's name of the type: byte order, kind, size.
    static var numpyDescriptor: String { get }
}

extension Int16: NumpyElement { public static var numpyDescriptor: String { "<i2" } }
extension Int32: NumpyElement { public static var numpyDescriptor: String { "<i4" } }
extension Int64: NumpyElement { public static var numpyDescriptor: String { "<i8" } }
extension Float: NumpyElement { public static var numpyDescriptor: String { "<f4" } }

/// NumPy's `.npy` files, version 1.0 (numpy.lib.format): magic, a Python dictionary, the elements.
public enum NumpyFile {
    /// Writes an array that `numpy.load` reads: whole or not at all.
    /// - Parameters:
    ///   - shape: dimensions, slowest first; empty for a single number.
    ///   - elements: row-major.
    /// - Throws: `FileError` when the file cannot be written or the elements do not fill the shape.
    public static func write<Element: NumpyElement>(
        _ path: FilePath, shape: [Int], elements: [Element]
    ) throws {
        try elements.withUnsafeBufferPointer { try write(path, shape: shape, elements: $0) }
    }

    /// The same from memory of any owner.
    /// - Throws: as above.
    public static func write<Element: NumpyElement>(
        _ path: FilePath, shape: [Int], elements: UnsafeBufferPointer<Element>
    ) throws {
        try write(path, to: AtomicFile(path: path), shape: shape, elements: elements)
    }

    /// The same to a file that has been begun.
    /// - Throws: as above.
    package static func write<Element: NumpyElement>(
        _ path: FilePath, to file: any ByteOutput, shape: [Int], elements: UnsafeBufferPointer<Element>
    ) throws {
        try file.write(header(Element.self, shape: shape, count: elements.count, path: "\(path)"))
        try file.write(UnsafeRawBufferPointer(elements))
        try file.commit()
    }

    /// The bytes of a whole file, as they stand in `.npz` archives.
    /// - Parameter path: what messages call the array.
    /// - Throws: `FileError` when the elements do not fill the shape.
    package static func bytes<Element: NumpyElement>(
        _ path: String, shape: [Int], elements: UnsafeBufferPointer<Element>
    ) throws -> [UInt8] {
        try header(Element.self, shape: shape, count: elements.count, path: path)
            + UnsafeRawBufferPointer(elements)
    }

    /// Padded with spaces so that the elements begin at a multiple of 64.
    private static func header<Element: NumpyElement>(
        _: Element.Type, shape: [Int], count: Int, path: String
    ) throws -> [UInt8] {
        guard SafetensorsType.uint8.byteCount(shape: shape) == count else {
            throw FileError.notWritten(
                path: path, reason: "\(count) elements do not fill the shape \(shape)")
        }
        var dimensions = shape.map(String.init).joined(separator: ", ")
        if shape.count == 1 { dimensions += "," }
        let dictionary =
            "{'descr': '\(Element.numpyDescriptor)', 'fortran_order': False, 'shape': (\(dimensions)), }"
        let start = Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [1, 0]
        let length = dictionary.utf8.count + 1
        let padding = (64 - (start.count + 2 + length) % 64) % 64
        guard let padded = UInt16(exactly: length + padding) else {
            throw FileError.notWritten(path: path, reason: "\(shape.count) dimensions are too many")
        }
        var header = start + [UInt8(padded & 0xFF), UInt8(padded >> 8)]
        header += Array(dictionary.utf8)
        header += [UInt8](repeating: UInt8(ascii: " "), count: padding)
        return header + [UInt8(ascii: "\n")]
    }
}
