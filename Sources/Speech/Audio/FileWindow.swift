import Foundation

/// Bytes that are read as if they were a file: a file, a part of one, or several parts joined, with bytes of our
/// own between them.
final class FileWindow {
    /// What a window is made of.
    enum Piece {
        /// A range of the file's bytes.
        case file(Range<Int>)
        case bytes([UInt8])

        var count: Int {
            switch self {
            case .file(let range): range.count
            case .bytes(let bytes): bytes.count
            }
        }
    }

    let file: OpenFile
    /// In bytes.
    let count: Int
    private let pieces: [Piece]
    /// Where each piece begins in the window.
    private let starts: [Int]
    /// Where a decoder reads next.
    private var position = 0

    /// A whole file.
    convenience init(_ source: AudioSource) throws { self.init(try OpenFile(source)) }

    convenience init(_ file: OpenFile) { self.init(file, [.file(0..<file.size)]) }

    init(_ file: OpenFile, _ pieces: [Piece]) {
        self.file = file
        self.pieces = pieces.filter { $0.count > 0 }
        var (starts, end) = ([Int](), 0)
        for piece in self.pieces {
            starts.append(end)
            end += piece.count
        }
        (self.starts, count) = (starts, end)
    }

    /// A window of the same file.
    func joining(_ pieces: [Piece]) -> FileWindow { FileWindow(file, pieces) }

    /// A range of the window's bytes; what is beyond its end is left out.
    subscript(range: Range<Int>) -> FileWindow { FileWindow(file, pieces(in: range)) }

    /// The pieces that make up a range of the window.
    func pieces(in range: Range<Int>) -> [Piece] {
        let range = range.clamped(to: 0..<count)
        guard !range.isEmpty else { return [] }
        var result: [Piece] = []
        var index = piece(at: range.lowerBound)
        while index < pieces.count, starts[index] < range.upperBound {
            let whole = starts[index]..<starts[index] + pieces[index].count
            let part = whole.clamped(to: range)
            let (first, end) = (part.lowerBound - whole.lowerBound, part.upperBound - whole.lowerBound)
            switch pieces[index] {
            case .file(let file): result.append(.file(file.lowerBound + first..<file.lowerBound + end))
            case .bytes(let bytes): result.append(.bytes(Array(bytes[first..<end])))
            }
            index += 1
        }
        return result
    }

    /// The piece that has a byte.
    private func piece(at offset: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset >= 0, offset < count else { return 0 }
        var done = 0
        var index = piece(at: offset)
        while done < buffer.count, index < pieces.count {
            let first = offset + done - starts[index]
            let wanted = min(buffer.count - done, pieces[index].count - first)
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + wanted])
            switch pieces[index] {
            case .file(let range):
                let got = file.read(into: target, at: range.lowerBound + first)
                if got < wanted { return done + got }
            case .bytes(let bytes):
                bytes.withUnsafeBytes {
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[first..<first + wanted]))
                }
            }
            done += wanted
            index += 1
        }
        return done
    }
}

/// Headers are read in these terms.
extension FileWindow {
    /// Up to `count` bytes from `offset` on: fewer where the window ends.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, offset < self.count else { return [] }
        return [UInt8](unsafeUninitializedCapacity: min(count, self.count - offset)) {
            $1 = read(into: UnsafeMutableRawBufferPointer($0), at: offset)
        }
    }

    func begins(with text: String, at offset: Int = 0) -> Bool {
        bytes(at: offset, count: text.utf8.count).elementsEqual(text.utf8)
    }

    /// Four characters; nil at the end.
    func tag(at offset: Int) -> String? {
        let bytes = bytes(at: offset, count: 4)
        return bytes.count == 4 ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// An unsigned integer of up to eight bytes; nil at the end.
    func integer(at offset: Int, bytes count: Int, bigEndian: Bool) -> Int? {
        let bytes = bytes(at: offset, count: count)
        guard bytes.count == count else { return nil }
        let ordered = bigEndian ? bytes : bytes.reversed()
        return Int(clamping: ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}

/// Decoders read on from a position, as in a file.
extension FileWindow {
    var offset: Int { position }

    func seek(_ offset: Int, _ whence: Int32) -> Int {
        let origin = whence == SEEK_CUR ? position : whence == SEEK_END ? count : 0
        let (target, overflow) = origin.addingReportingOverflow(offset)
        guard !overflow, target >= 0 else { return -1 }
        position = target
        return target
    }

    func readOn(_ buffer: UnsafeMutableRawPointer?, _ bytes: Int) -> Int {
        guard bytes > 0, position < count else { return 0 }
        let done = read(into: UnsafeMutableRawBufferPointer(start: buffer, count: bytes), at: position)
        position += done
        return done
    }

    /// The window behind the pointer that a C library hands to its callbacks.
    static func from(_ pointer: UnsafeMutableRawPointer?) -> FileWindow {
        Unmanaged<FileWindow>.fromOpaque(pointer.unsafelyUnwrapped).takeUnretainedValue()
    }
}
