/// Reads numbers and runs of bytes one after the other, and never past the end.
package struct ByteCursor {
    private let bytes: UnsafeRawBufferPointer
    /// Where `bytes` begin in the file.
    private let origin: Int
    /// Of the next byte, from the beginning of the file.
    package private(set) var position: Int
    /// The first byte that is out of bounds.
    package var end: Int { origin + bytes.count }

    package init(_ bytes: UnsafeRawBufferPointer, origin: Int = 0) {
        (self.bytes, self.origin, position) = (bytes, origin, origin)
    }

    package var left: Int { end - position }

    /// A little-endian number.
    package mutating func integer<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
        let size = MemoryLayout<Number>.size
        guard size <= left else { throw ByteCursorError.cut(position: position, needed: size, left: left) }
        defer { position += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position - origin, as: Number.self))
    }

    package mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= left else {
            throw ByteCursorError.cut(position: position, needed: count, left: left)
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position - origin..<position - origin + count])
    }

    /// - Parameter count: as a file states it.
    package mutating func take(_ count: some BinaryInteger) throws -> UnsafeRawBufferPointer {
        try take(Int(clamping: count))
    }

    /// The bytes before the next line feed, which is passed over.
    package mutating func line(longest: Int) throws -> UnsafeRawBufferPointer {
        let start = position - origin
        let window = bytes[start..<min(bytes.count, start + longest + 1)]
        guard let feed = window.firstIndex(of: UInt8(ascii: "\n")) else {
            throw ByteCursorError.noLineEnd(position: position, within: window.count)
        }
        let line = try take(feed - start)
        position += 1
        return line
    }
}

/// A file ends, or goes on, where by its own account it should not: the rest of a line that begins with its name.
package enum ByteCursorError: Error, Equatable {
    /// Bytes were asked for that are not there.
    case cut(position: Int, needed: Int, left: Int)
    /// So many bytes without a line feed.
    case noLineEnd(position: Int, within: Int)
}

extension ByteCursorError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cut(let position, let needed, let left):
            "truncated or damaged: byte \(position) begins something of \(needed) bytes, \(left) are left"
        case .noLineEnd(let position, let count):
            "truncated or damaged: byte \(position) begins a line that does not end within \(count) bytes"
        }
    }
}
