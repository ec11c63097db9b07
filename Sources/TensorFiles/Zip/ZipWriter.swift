import CZlib
import Files
import Foundation

/// Writes a zip archive of stored (uncompressed) entries, one after the other (PKWARE's APPNOTE.TXT 6.3).
///
/// The data of an entry begin at a multiple of 64 bytes, as in PyTorch's checkpoints, so that a reader can
/// map them. The bytes depend on names and data alone: the date is fixed. Sizes, offsets and counts that do
/// not fit the fields of 1989 are written as zip64; files without them stay readable by everything.
public final class ZipWriter {
    private let output: any ByteOutput
    /// What messages call the archive.
    private let path: String
    /// Largest number in a field of 32 bits; the next means "see zip64".
    private let largest: UInt64
    private var offset: UInt64 = 0
    /// As bytes: strings of Swift are equal where Unicode takes them for the same text.
    private var names: Set<[UInt8]> = []
    private var directory: [UInt8] = []

    /// An archive that appears under its name when it is committed.
    /// - Throws: `FileError` where the file cannot be written.
    public convenience init(path: String) throws {
        self.init(try AtomicFile(path: path), path: path)
    }

    /// - Parameters:
    ///   - path: the archive's name in messages.
    ///   - zip64Above: a smaller number makes small archives zip64, for tests.
    package init(_ output: any ByteOutput, path: String, zip64Above largest: UInt64 = 0xFFFF_FFFE) {
        (self.output, self.path, self.largest) = (output, path, largest)
    }

    /// Appends an entry.
    /// - Throws: `FileError` where the archive cannot be written, or the name is empty, too long or taken.
    public func add(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        let encoded = Array(name.utf8)
        guard (1...1024).contains(encoded.count) else {
            throw FileError.notWritten(
                path: path, reason: "an entry's name has \(encoded.count) bytes, not 1 to 1024")
        }
        guard names.insert(encoded).inserted else {
            throw FileError.notWritten(path: path, reason: "the entry \(quoted(name)) is there twice")
        }
        let size = UInt64(bytes.count)
        let checksum = UInt32(
            truncatingIfNeeded: crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
        let start = offset
        let sizeField = size > largest ? UInt32.max : UInt32(size)

        var extra: [UInt8] = []
        if size > largest {
            extra.append(little: UInt16(1))
            extra.append(little: UInt16(16))
            extra.append(little: size)
            extra.append(little: size)
        }
        var header: [UInt8] = []
        header.append(little: UInt32(0x0403_4B50))
        header.append(common: checksum, size: sizeField, needsZip64: size > largest, name: encoded.count)
        let unpadded = start + UInt64(header.count + 2 + encoded.count + extra.count + 4)
        let padding = (64 - Int(unpadded % 64)) % 64
        // PyTorch's tag for padding.
        extra.append(little: UInt16(0x4246))
        extra.append(little: UInt16(padding))
        extra.append(contentsOf: repeatElement(0, count: padding))
        header.append(little: UInt16(extra.count))
        try emit(header + encoded + extra)
        try output.write(bytes)
        offset += size

        extra = []
        for number in (size > largest ? [size, size] : []) + (start > largest ? [start] : []) {
            extra.append(little: number)
        }
        if !extra.isEmpty {
            var tag: [UInt8] = []
            tag.append(little: UInt16(1))
            tag.append(little: UInt16(extra.count))
            extra = tag + extra
        }
        directory.append(little: UInt32(0x0201_4B50))
        directory.append(little: UInt16(extra.isEmpty ? 20 : 45))
        directory.append(common: checksum, size: sizeField, needsZip64: !extra.isEmpty, name: encoded.count)
        directory.append(little: UInt16(extra.count))
        // No comment, first disk, no attributes.
        directory.append(contentsOf: repeatElement(0, count: 10))
        directory.append(little: start > largest ? UInt32.max : UInt32(start))
        directory += encoded + extra
    }

    /// - Throws: as above.
    public func add(_ name: String, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try add(name, $0) }
    }

    /// Writes the directory and puts the archive under its name. Nothing can be added afterwards.
    /// - Throws: `FileError` where it cannot be written.
    public func commit() throws {
        let (start, size, count) = (offset, UInt64(directory.count), UInt64(names.count))
        try emit(directory)
        var end: [UInt8] = []
        if start > largest || size > largest || count >= 0xFFFF {
            end.append(little: UInt32(0x0606_4B50))
            end.append(little: UInt64(44))
            end.append(little: UInt16(45))
            end.append(little: UInt16(45))
            end.append(little: UInt64(0))
            for number in [count, count, size, start] { end.append(little: number) }
            end.append(little: UInt32(0x0706_4B50))
            end.append(little: UInt32(0))
            end.append(little: start + size)
            end.append(little: UInt32(1))
        }
        end.append(little: UInt32(0x0605_4B50))
        end.append(little: UInt32(0))
        end.append(little: UInt16(min(count, 0xFFFF)))
        end.append(little: UInt16(min(count, 0xFFFF)))
        end.append(little: size > largest ? UInt32.max : UInt32(size))
        end.append(little: start > largest ? UInt32.max : UInt32(start))
        end.append(little: UInt16(0))
        try emit(end)
        try output.commit()
    }

    private func emit(_ bytes: [UInt8]) throws {
        try output.write(bytes)
        offset += UInt64(bytes.count)
    }
}

extension [UInt8] {
    /// Appends the bytes of a number, lowest first.
    package mutating func append<Number: FixedWidthInteger>(little number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// What headers of an entry share, from the version needed to the length of the name.
    fileprivate mutating func append(common checksum: UInt32, size: UInt32, needsZip64: Bool, name: Int) {
        append(little: UInt16(needsZip64 ? 45 : 20))
        // Names are UTF-8; stored; midnight of 1 January 1980, the first day there is.
        append(little: UInt16(0x0800))
        append(little: UInt16(0))
        append(little: UInt16(0))
        append(little: UInt16(0x0021))
        append(little: checksum)
        append(little: size)
        append(little: size)
        append(little: UInt16(name))
    }
}
