import Autodiff
import Foundation
import Tensors

/// The frames of one layer of one recording, [T, C], in memory or in a temporary file: written and read a
/// piece at a time, by several threads at once, with the same values either way.
///
/// A file is read and written by system calls and not mapped, so that it never counts as memory of the
/// process.
package final class FrameStore: Sendable {
    package let frames: Int
    package let channels: Int
    private let place: Place

    private enum Place {
        case memory(SharedPointer<Float>, Owner)
        case file(SpillFile)
    }

    private enum Owner {
        /// The pool, which keeps it for the next recording.
        case pool(Tensor)
        /// Too large to be kept.
        case store
        /// May only be read.
        case caller
    }

    /// Values are not set.
    /// - Parameters:
    ///   - spillFolder: where the file goes; nil keeps the frames in memory.
    ///   - tilesOnly: whether `fill` alone will write. Then the file may be written past the page cache, if the
    ///     tiles are whole blocks of it.
    /// - Throws: `SpillError`.
    package init(frames: Int, channels: Int, spillFolder: String?, tilesOnly: Bool = false) throws {
        (self.frames, self.channels) = (frames, channels)
        let size = Self.byteCount(frames: frames, channels: channels)
        if let spillFolder {
            let tiles = FrameTiles(frames: frames)
            let tile = Self.byteCount(frames: tiles[0].count, channels: channels)
            let isWhole = tiles.count <= 1 || tile % SpillFile.directBlock == 0
            place = .file(
                try SpillFile(
                    folder: spillFolder, count: frames * channels,
                    block: tilesOnly && isWhole ? SpillFile.directBlock : nil))
        } else if size <= Self.largestPooled {
            let tensor = Tensor(uninitialized: [frames, channels])
            place = .memory(SharedPointer(tensor.pointer), .pool(tensor))
        } else {
            let raw = systemMemory(byteCount: size)
            place = .memory(
                SharedPointer(raw.bindMemory(to: Float.self, capacity: frames * channels)), .store)
        }
    }

    private static let largestPooled = 1 << 26

    /// A waveform in the caller's memory, [N, 1], to be read only as long as that is there.
    /// - Parameter samples: at least one.
    package init(borrowing samples: UnsafeBufferPointer<Float>) {
        (frames, channels) = (samples.count, 1)
        guard let base = samples.baseAddress else { preconditionFailure("a waveform without samples") }
        place = .memory(SharedPointer(reading: base), .caller)
    }

    /// A waveform in a file, [N, 1], to be read.
    package init(_ waveform: SpillFile, frames: Int) {
        (self.frames, channels) = (frames, 1)
        place = .file(waveform)
    }

    deinit {
        if case .memory(let base, .store) = place { free(base.pointer) }
    }

    package static func byteCount(frames: Int, channels: Int) -> Int {
        frames * channels * MemoryLayout<Float>.stride
    }

    /// Hands over some frames, [rows, C].
    package func read<Result>(
        _ rows: Range<Int>, _ body: (UnsafePointer<Float>) throws -> Result
    ) throws -> Result {
        let range = values(rows)
        switch place {
        case .memory(let base, _): return try body(base + range.lowerBound)
        case .file(let file): return try file.read(range, body)
        }
    }

    /// Hands over room for some frames, [rows, C], which `body` has to write all.
    package func write<Result>(
        _ rows: Range<Int>, _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) throws -> Result {
        let range = values(rows)
        switch place {
        case .memory(_, .caller): preconditionFailure("borrowed frames are only read")
        case .memory(let base, _): return try body(base + range.lowerBound)
        case .file(let file): return try file.write(range, body)
        }
    }

    /// Whether the frames are in a file that is written and read past the page cache.
    package var isDirect: Bool {
        if case .file(let file) = place { file.isDirect } else { false }
    }

    private func values(_ rows: Range<Int>) -> Range<Int> {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= frames, "frames \(rows) of \(frames)")
        return rows.lowerBound * channels..<rows.upperBound * channels
    }

    /// Writes all frames, tile by tile on all threads, and adds up their moments while they are in the cache.
    /// - Parameters:
    ///   - groups: of channels, each with moments of its own; 0 where nobody asks for moments.
    ///   - tile: writes some frames, [rows, C].
    /// - Throws: `SpillError`, and what `tile` throws.
    package func fill(
        groups: Int = 1,
        _ tile: @Sendable (_ rows: Range<Int>, _ output: UnsafeMutablePointer<Float>) throws -> Void
    ) throws -> [GroupMoments] {
        let tiles = FrameTiles(frames: frames)
        let none = [GroupMoments](repeating: GroupMoments(), count: groups)
        return try Parallel.tryMap(tiles.count) { index in
            let rows = tiles[index]
            return try write(rows) { output in
                try tile(rows, output)
                var moments = none
                moments.add(output, frames: rows.count, channels: channels)
                return moments
            }
        }.reduce(into: none) { $0.add($1) }
    }
}
