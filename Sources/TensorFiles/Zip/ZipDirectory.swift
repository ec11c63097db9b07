import Files

/// Where the central directory of a zip archive lies.
package struct ZipDirectory {
    package let range: Range<Int>
    /// Number of entries.
    package let count: Int

    private static let endSignature: UInt32 = 0x0605_4B50
    private static let locatorSignature: UInt32 = 0x0706_4B50
    private static let end64Signature: UInt32 = 0x0606_4B50
    private static let longestComment = 0xFFFF
    /// A checkpoint has some hundred entries.
    private static let most = 1 << 20

    package init(_ bytes: UnsafeRawBufferPointer) throws {
        let end = try Self.endRecord(bytes)
        var cursor = ByteCursor(bytes, from: end + 4)
        let disks = [try cursor.integer(UInt16.self), try cursor.integer(UInt16.self)]
        let counts = [try cursor.integer(UInt16.self), try cursor.integer(UInt16.self)]
        let (size, start) = (try cursor.integer(UInt32.self), try cursor.integer(UInt32.self))
        if let locator = Self.locator(bytes, before: end) {
            (range, count) = try Self.read64(bytes, locator: locator)
            return
        }
        guard disks == [0, 0], counts[0] == counts[1] else { throw Self.divided }
        (range, count) = try Self.checked(
            start: UInt64(start), size: UInt64(size), count: UInt64(counts[0]), before: end)
    }

    private static let divided = ZipReaderError.refused("it is a part of a divided zip archive")

    /// The record that ends the file, but for a comment.
    private static func endRecord(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        var position = bytes.count - 22
        while position >= max(0, bytes.count - 22 - longestComment) {
            var cursor = ByteCursor(bytes, from: position)
            if try cursor.integer(UInt32.self) == endSignature {
                cursor = ByteCursor(bytes, from: position + 20)
                if try Int(cursor.integer(UInt16.self)) == bytes.count - position - 22 { return position }
            }
            position -= 1
        }
        throw ZipReaderError.noDirectory
    }

    private static func locator(_ bytes: UnsafeRawBufferPointer, before end: Int) -> Int? {
        guard end >= 20 else { return nil }
        var cursor = ByteCursor(bytes, from: end - 20)
        return (try? cursor.integer(UInt32.self)) == locatorSignature ? end - 20 : nil
    }

    private static func read64(
        _ bytes: UnsafeRawBufferPointer, locator: Int
    ) throws -> (Range<Int>, Int) {
        var cursor = ByteCursor(bytes, from: locator + 8)
        let record = try cursor.integer(UInt64.self)
        guard let record = Int(exactly: record), record <= locator - 56 else {
            throw ZipReaderError.damaged("its zip directory is not where it says")
        }
        cursor = ByteCursor(bytes, from: record)
        guard try cursor.integer(UInt32.self) == end64Signature else {
            throw ZipReaderError.damaged("its zip directory is not where it says")
        }
        cursor = ByteCursor(bytes, from: record + 16)
        let disks = [try cursor.integer(UInt32.self), try cursor.integer(UInt32.self)]
        let counts = [try cursor.integer(UInt64.self), try cursor.integer(UInt64.self)]
        guard disks == [0, 0], counts[0] == counts[1] else { throw divided }
        let (size, start) = (try cursor.integer(UInt64.self), try cursor.integer(UInt64.self))
        return try checked(start: start, size: size, count: counts[0], before: record)
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
