import Foundation

/// The frames of one layer of one recording, [T, C], in memory or in a temporary file: written and read a
/// piece at a time, by several threads at once, with the same values either way.
///
/// A file is read and written by system calls and not mapped, so that it never counts as memory of the
/// process.
package final class FrameStore {
    package let frames: Int
    package let channels: Int
    private let place: Place

    private enum Place {
        /// From the pool, which keeps it for the next recording.
        case pooled(Tensor)
        /// Too large to be kept.
        case owned(UnsafeMutablePointer<Float>)
        case borrowed(UnsafePointer<Float>)
        case file(SpillFile)
    }

    /// Values are not set.
    /// - Parameter spillFolder: where the file goes; nil keeps the frames in memory.
    /// - Throws: `SpillError`.
    package init(frames: Int, channels: Int, spillFolder: String?) throws {
        (self.frames, self.channels) = (frames, channels)
        let size = Self.byteCount(frames: frames, channels: channels)
        if let spillFolder {
            place = .file(try SpillFile(folder: spillFolder))
        } else if size <= Self.largestPooled {
            place = .pooled(Tensor(uninitialized: [frames, channels]))
        } else {
            let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
            place = .owned(raw.bindMemory(to: Float.self, capacity: frames * channels))
        }
    }

    private static let largestPooled = 1 << 26

    /// A waveform in the caller's memory, [N, 1], to be read only as long as that is there.
    /// - Parameter samples: at least one.
    package init(borrowing samples: UnsafeBufferPointer<Float>) {
        (frames, channels) = (samples.count, 1)
        guard let base = samples.baseAddress else { preconditionFailure("a waveform without samples") }
        place = .borrowed(base)
    }

    deinit {
        if case .owned(let base) = place { UnsafeMutableRawPointer(base).deallocate() }
    }

    package static func byteCount(frames: Int, channels: Int) -> Int {
        frames * channels * MemoryLayout<Float>.stride
    }

    /// Hands over some frames, [rows, C].
    package func read<Result>(
        _ rows: Range<Int>, _ body: (UnsafePointer<Float>) throws -> Result
    ) throws -> Result {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= frames)
        switch place {
        case .pooled(let tensor):
            return try body(tensor.pointer + rows.lowerBound * channels)
        case .owned(let base):
            return try body(base + rows.lowerBound * channels)
        case .borrowed(let base):
            return try body(base + rows.lowerBound * channels)
        case .file(let file):
            let piece = Tensor(uninitialized: [rows.count, channels])
            try file.read(piece, at: rows.lowerBound * channels)
            return try body(piece.pointer)
        }
    }

    /// Hands over room for some frames, [rows, C], which `body` has to write all.
    package func write<Result>(
        _ rows: Range<Int>, _ body: (UnsafeMutablePointer<Float>) throws -> Result
    ) throws -> Result {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= frames)
        switch place {
        case .pooled(let tensor):
            return try body(tensor.pointer + rows.lowerBound * channels)
        case .owned(let base):
            return try body(base + rows.lowerBound * channels)
        case .borrowed:
            preconditionFailure("borrowed frames are only read")
        case .file(let file):
            let piece = Tensor(uninitialized: [rows.count, channels])
            let result = try body(piece.pointer)
            try file.write(piece, at: rows.lowerBound * channels)
            return result
        }
    }

    /// Writes all frames, tile by tile on all threads, and adds up their moments while they are in the cache.
    /// - Parameters:
    ///   - groups: of channels, each with moments of its own.
    ///   - tile: writes some frames, [rows, C].
    /// - Throws: `SpillError`, and what `tile` throws.
    package func fill(
        groups: Int = 1, _ tile: (_ rows: Range<Int>, _ output: UnsafeMutablePointer<Float>) throws -> Void
    ) throws -> [GroupMoments] {
        let tiles = FrameTiles(frames: frames)
        let none = [GroupMoments](repeating: GroupMoments(), count: groups)
        var partial = [[GroupMoments]](repeating: none, count: tiles.count)
        try partial.withUnsafeMutableBufferPointer { partial in
            let partial = partial
            try Parallel.tryForEach(tiles.count) { index in
                let rows = tiles[index]
                partial[index] = try write(rows) { output in
                    try tile(rows, output)
                    var moments = none
                    moments.add(output, frames: rows.count, channels: channels)
                    return moments
                }
            }
        }
        return partial.reduce(into: none) { total, part in
            for group in total.indices { total[group] += part[group] }
        }
    }
}
