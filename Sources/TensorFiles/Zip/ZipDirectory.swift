import Files

/// Where the central directory of a zip archive lies.
package struct ZipDirectory {
    package let range: Range<Int>
    /// Number of entries.
    package let count: Int

    private static let endSignature: UInt32 = 0x0605_4B50
    private static let locatorSignature: UInt32 = 0x0706_4B50
    private static let end64Signature: UInt32 = 0x0606_4B50
    /// Bytes of the record that ends the file, without a comment.
    private static let endSize = 22
    private static let longestComment = 0xFFFF
    /// A checkpoint has some hundred entries.
    private static let most = 1 << 20

    package init(_ file: some ByteSource) throws {
        let end = try Self.endRecord(file)
        if let locator = try Self.locator(file, before: end) {
            (range, count) = try Self.read64(file, locator: locator)
            return
        }
        let (disks, counts, size, start) = try file.withCursor(end + 4..<end + Self.endSize) { cursor in
            (
                [try cursor.integer(UInt16.self), try cursor.integer(UInt16.self)],
                [try cursor.integer(UInt16.self), try cursor.integer(UInt16.self)],
                try cursor.integer(UInt32.self), try cursor.integer(UInt32.self)
            )
        }
        guard disks == [0, 0], counts[0] == counts[1] else { throw Self.divided }
        (range, count) = try Self.checked(
            start: UInt64(start), size: UInt64(size), count: UInt64(counts[0]), before: end)
    }

    private static let divided = ZipReaderError.refused("it is a part of a divided zip archive")

    /// The record that ends the file, but for a comment.
    private static func endRecord(_ file: some ByteSource) throws -> Int {
        let start = max(0, file.count - endSize - longestComment)
        let tail = try file.bytes(start..<file.count)
        return try tail.withUnsafeBytes { tail in
            for index in stride(from: tail.count - endSize, through: 0, by: -1) {
                let signature = tail.loadUnaligned(fromByteOffset: index, as: UInt32.self)
                guard UInt32(littleEndian: signature) == endSignature else { continue }
                let comment = tail.loadUnaligned(fromByteOffset: index + 20, as: UInt16.self)
                if UInt16(littleEndian: comment) == tail.count - index - endSize { return start + index }
            }
            throw ZipReaderError.noDirectory
        }
    }

    private static func locator(_ file: some ByteSource, before end: Int) throws -> Int? {
        guard end >= 20 else { return nil }
        let signature = try file.withCursor(end - 20..<end) { try $0.integer(UInt32.self) }
        return signature == locatorSignature ? end - 20 : nil
    }

    private static func read64(_ file: some ByteSource, locator: Int) throws -> (Range<Int>, Int) {
        let record = try file.withCursor(locator + 8..<locator + 16) { try $0.integer(UInt64.self) }
        guard let record = Int(exactly: record), record <= locator - 56 else {
            throw ZipReaderError.damaged("its zip directory is not where it says")
        }
        return try file.withCursor(record..<record + 56) { cursor in
            guard try cursor.integer(UInt32.self) == end64Signature else {
                throw ZipReaderError.damaged("its zip directory is not where it says")
            }
            _ = try cursor.take(12)
            let disks = [try cursor.integer(UInt32.self), try cursor.integer(UInt32.self)]
            let counts = [try cursor.integer(UInt64.self), try cursor.integer(UInt64.self)]
            guard disks == [0, 0], counts[0] == counts[1] else { throw divided }
            let (size, start) = (try cursor.integer(UInt64.self), try cursor.integer(UInt64.self))
            return try checked(start: start, size: size, count: counts[0], before: record)
        }
    }

    private static func checked(
        start: UInt64, size: UInt64, count: UInt64, before end: Int
    ) throws -> (Range<Int>, Int) {
        guard let start = Int(exactly: start), let size = Int(exactly: size), let count = Int(exactly: count),
            start <= end, size <= end - start, count <= min(size / ZipEntryHeader.shortest, most)
        else { throw ZipReaderError.damaged("its zip directory is not where it says") }
        return (start..<start + size, count)
    }
}
