import Files

/// An entry of the central directory.
package struct ZipEntryHeader {
    /// Bytes without name, extra fields and comment.
    package static let shortest = 46
    private static let signature: UInt32 = 0x0201_4B50
    private static let localSignature: UInt32 = 0x0403_4B50

    private let name: [UInt8]
    private let method: UInt16
    private let compressed: UInt64
    private let size: UInt64
    /// Of the local header.
    package let offset: Int

    /// Reads the header and goes on to the next.
    package init(_ cursor: inout ByteCursor) throws {
        guard try cursor.integer(UInt32.self) == Self.signature else {
            throw ZipReaderError.damaged("no entry at byte \(cursor.position - 4) of its zip directory")
        }
        _ = try cursor.take(4)
        let flags = try cursor.integer(UInt16.self)
        guard flags & 1 == 0 else { throw ZipReaderError.refused("it is an encrypted zip archive") }
        method = try cursor.integer(UInt16.self)
        _ = try cursor.take(8)
        let sizes = [try cursor.integer(UInt32.self), try cursor.integer(UInt32.self)]
        let lengths = [
            try cursor.integer(UInt16.self), try cursor.integer(UInt16.self), try cursor.integer(UInt16.self),
        ]
        _ = try cursor.take(8)
        let offset = try cursor.integer(UInt32.self)
        name = Array(try cursor.take(lengths[0]))
        var wide = try WideFields(try cursor.take(lengths[1]))
        _ = try cursor.take(lengths[2])
        size = try wide.value(sizes[1])
        compressed = try wide.value(sizes[0])
        guard let offset = Int(exactly: try wide.value(offset)) else {
            throw ZipReaderError.damaged("an entry lies outside of the file")
        }
        self.offset = offset
    }

    /// - Parameter end: where the directory begins; data come before it.
    package func entry(_ file: some ByteSource, before end: Int) throws -> ZipReader.Entry {
        let name = String(decoding: self.name, as: UTF8.self)
        // Up to its name; extra fields follow.
        let start = min(offset, end)
        let local = start..<min(end, start + 30 + self.name.count)
        let data = try file.withCursor(local) { cursor in
            guard offset <= end, try cursor.integer(UInt32.self) == Self.localSignature else {
                throw ZipReaderError.damaged("its entry \(quoted(name)) is not where the directory says")
            }
            _ = try cursor.take(22)
            let lengths = (try cursor.integer(UInt16.self), try cursor.integer(UInt16.self))
            guard lengths.0 == self.name.count, try cursor.take(lengths.0).elementsEqual(self.name) else {
                throw ZipReaderError.damaged("its entry \(quoted(name)) has another name where its data lie")
            }
            return cursor.position + Int(lengths.1)
        }
        guard let count = Int(exactly: compressed), data <= end, count <= end - data else {
            throw ZipReaderError.damaged(
                "its entry \(quoted(name)) of \(compressed) bytes lies outside the file")
        }
        return ZipReader.Entry(name: name, method: method, data: data..<data + count, size: size)
    }
}

/// The extra field that holds what 32 bits cannot, in the order size, compressed size, offset.
private struct WideFields {
    private var cursor: ByteCursor?

    init(_ extra: UnsafeRawBufferPointer) throws {
        var fields = ByteCursor(extra)
        while fields.left >= 4 {
            let (id, length) = (try fields.integer(UInt16.self), try fields.integer(UInt16.self))
            let content = try fields.take(length)
            if id == 1 { cursor = ByteCursor(content) }
        }
    }

    mutating func value(_ narrow: UInt32) throws -> UInt64 {
        guard narrow == .max else { return UInt64(narrow) }
        guard let value = try cursor?.integer(UInt64.self) else {
            throw ZipReaderError.damaged("the size of an entry is missing")
        }
        return value
    }
}
