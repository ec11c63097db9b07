import Autodiff
import Tensors

/// The output of an encoder block for one recording, [T, C]: computed, whenever a piece is read, from the
/// block's convolution, whose moments are known, or which needs none.
package struct BlockFrames: Sendable {
    package indirect enum Convolved: Sendable {
        /// The first block: not even the convolution is stored.
        case waveform(FrameStore, WaveformConvolution)
        case stored(FrameStore)
        /// Not stored either: the block before is read.
        case computed(BlockFrames, InferenceConvolution)
    }

    package let frames: Int
    package let channels: Int
    package let convolved: Convolved
    package let norm: FrameNormalization
    /// What is added to the block's output, [T, C], and the factor of the sum.
    package var residual: (frames: FrameStore, scale: Float)?
    /// Of the last block.
    package var logCompression = false

    package init(
        frames: Int, channels: Int, convolved: Convolved, norm: FrameNormalization,
        residual: (frames: FrameStore, scale: Float)? = nil
    ) {
        (self.frames, self.channels, self.convolved) = (frames, channels, convolved)
        (self.norm, self.residual) = (norm, residual)
    }

    /// Where the convolution is stored.
    package var store: FrameStore? {
        if case .stored(let store) = convolved { store } else { nil }
    }

    /// Some of the frames, computed on the calling thread. Returns [1, rows, C].
    package func callAsFunction(_ rows: Range<Int>) throws -> Tensor {
        let shape = [1, rows.count, channels]
        var x =
            switch convolved {
            case .waveform(let samples, let convolution):
                try convolution(samples, rows, norm)
            case .stored(let store):
                try store.read(rows) { norm($0, frames: rows.count) }
            case .computed(let input, let convolution):
                try computed(rows, from: input, by: convolution)
            }
        x = x.reshaped(shape)
        let tape = Tape(recording: false)
        if let residual {
            let added = Tensor(uninitialized: shape)
            try residual.frames.read(rows) { added.pointer.update(from: $0, count: added.count) }
            x = tape.residualSum(.constant(x), .constant(added), scale: residual.scale).value
        }
        return logCompression ? tape.logCompress(.constant(x)).value : x
    }

    /// In pieces, so that what is read of the blocks before takes no more memory, however many there are.
    private func computed(
        _ rows: Range<Int>, from input: BlockFrames, by convolution: InferenceConvolution
    ) throws -> Tensor {
        let y = Tensor(uninitialized: [rows.count, channels])
        for piece in Tiling(rows: rows.count, target: FrameTiles.largest).ranges {
            let first = rows.lowerBound + piece.lowerBound
            let x = try input(convolution.length.inputs(first..<first + piece.count))
            let convolved = Tensor(uninitialized: [piece.count, channels])
            convolution(x.pointer, frames: piece.count, into: convolved.pointer)
            norm(convolved.pointer, frames: piece.count, into: y.pointer + piece.lowerBound * channels)
        }
        return y
    }

    /// Of frames that are computed few are read at a time: each takes many of the blocks before.
    private var tiles: FrameTiles {
        if case .computed = convolved { return FrameTiles(frames: frames, sizes: 20...100) }
        return FrameTiles(frames: frames)
    }

    /// Computes all frames, tile by tile on all threads.
    /// - Parameter body: sees the frames [1, rows, C].
    package func forEachTile(
        _ body: @Sendable (_ rows: Range<Int>, _ frames: Tensor) throws -> Void
    ) throws {
        let tiles = tiles
        try Parallel.tryForEach(tiles.count) { try body(tiles[$0], self(tiles[$0])) }
    }
}
