import Foundation
import Tensors

/// A temporary file of floats without a name: the system removes it when it is closed or the process ends.
///
/// Where file system and sizes allow it, transfers go past the page cache (`O_DIRECT`): what is written once and
/// read once, a little later, gains nothing there, and copying and finding gigabytes of pages costs more than
/// the disk does. Such transfers take whole blocks, in the file and in memory.
///
/// Several threads may transfer at once. While one waits, another takes its place in `Parallel.forEach`.
package final class SpillFile: Sendable {
    /// Bytes at whose multiples direct transfers begin and end: the largest block that disks commonly have.
    package static let directBlock = 4096

    private let folder: String
    private let count: Int
    private let block: Int
    private let descriptor: Int32

    /// - Parameters:
    ///   - folder: where the file goes.
    ///   - count: floats of the whole file.
    ///   - block: bytes at whose multiples transfers begin and end, so that they may be direct; nil for any.
    /// - Throws: `SpillError` where no file can be made in the folder.
    package init(folder: String, count: Int, block: Int?) throws {
        (self.folder, self.count) = (folder, count)
        self.block = block ?? Self.float
        var template = Array("\(folder)/vqw2v-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SpillError(folder, code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        // Where this is refused, as by some file systems in memory, transfers are buffered.
        if block != nil { _ = setDirect(true) }
    }

    deinit { close(descriptor) }

    /// Hands over what has been written before.
    /// - Parameter range: of floats.
    package func read<Result>(
        _ range: Range<Int>, _ body: (UnsafePointer<Float>) throws -> Result
    ) throws -> Result {
        let piece = Piece(range, block: block)
        return try withExtendedLifetime(piece) {
            try transfer(piece) { pread(descriptor, $0, $1, $2) }
            return try body(piece.values)
        }
    }

    /// Hands over room, which `body` has to write all.
    /// - Parameter range: of floats, from a multiple of the block to another one or to the end of the file: no
    ///   two writes share a block.
    package func write<Result>(
        _ range: Range<Int>, _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) throws -> Result {
        func isBlockEdge(_ place: Int) -> Bool { place * Self.float % block == 0 }
        precondition(
            isBlockEdge(range.lowerBound) && (isBlockEdge(range.upperBound) || range.upperBound == count),
            "floats \(range) are not whole blocks of \(block) bytes")
        let piece = Piece(range, block: block)
        return try withExtendedLifetime(piece) {
            let result = try body(piece.values)
            try transfer(piece) { pwrite(descriptor, $0, $1, $2) }
            return result
        }
    }

    private func transfer(
        _ piece: Piece, _ call: (UnsafeMutableRawPointer, Int, off_t) -> Int
    ) throws {
        try Parallel.whileWaiting {
            var done = 0
            while done < piece.size {
                let wasDirect = isDirect
                let count = call(piece.base + done, piece.size - done, off_t(piece.offset + done))
                let code = count < 0 ? errno : EIO
                if count > 0 {
                    done += count
                } else if code == EINVAL && wasDirect {
                    // Larger blocks are wanted here, or the rest of a transfer that was cut short.
                    guard setDirect(false) else { throw SpillError(folder, code: code) }
                } else if code != EINTR {
                    throw SpillError(folder, code: code)
                }
            }
        }
    }

    /// Whether transfers go past the page cache.
    package var isDirect: Bool { fcntl(descriptor, F_GETFL) & Self.directFlag != 0 }

    private func setDirect(_ isDirect: Bool) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        return fcntl(
            descriptor, F_SETFL, isDirect ? flags | Self.directFlag : flags & ~Self.directFlag) == 0
    }

    /// `O_DIRECT`, under the name that Swift sees.
    private static let directFlag = __O_DIRECT
    private static let float = MemoryLayout<Float>.stride

    /// The smallest range of whole blocks that has some floats of the file, and memory for it.
    private struct Piece {
        /// In the file, in bytes.
        let offset: Int
        let size: Int
        let base: UnsafeMutableRawPointer
        /// The floats themselves.
        let values: UnsafeMutablePointer<Float>
        private let memory: Tensor

        init(_ range: Range<Int>, block: Int) {
            let (start, end) = (range.lowerBound * float, range.upperBound * float)
            offset = start / block * block
            size = (end + block - 1) / block * block - offset
            // Wherever it begins, there is room from its first multiple of a block on.
            memory = Tensor(uninitialized: [(size + block) / float])
            base = UnsafeMutableRawPointer(memory.pointer).alignedUp(toMultipleOf: block)
            values = (base + (start - offset)).assumingMemoryBound(to: Float.self)
        }
    }
}

/// Why the temporary files of a long recording cannot be kept, and the remedy.
public struct SpillError: Error, CustomStringConvertible, Equatable {
    public let description: String

    init(_ folder: String, code: Int32) {
        description =
            "temporary files cannot be kept in \(folder) (\(String(cString: strerror(code)))): "
            + Self.remedy
    }

    /// The folder lacks the room.
    init(_ folder: String, needed: Int, free: Int) {
        func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
        description =
            "needs \(gigabytes(needed)) of temporary files, and \(folder) has \(gigabytes(free)) free: "
            + Self.remedy
    }

    private static let remedy = "let TMPDIR name a folder with more room"
}
