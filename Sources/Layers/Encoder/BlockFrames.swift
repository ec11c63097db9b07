import Autodiff
import Tensors

/// The output of an encoder block for one recording, [T, C]: computed, whenever a piece is read, from the
/// block's convolution, whose moments are known.
package struct BlockFrames: Sendable {
    package enum Convolved: Sendable {
        /// The first block: not even the convolution is stored.
        case waveform(FrameStore, WaveformConvolution)
        case stored(FrameStore)
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

    /// Computes all frames, tile by tile on all threads.
    /// - Parameter body: sees the frames [1, rows, C].
    package func forEachTile(
        _ body: @Sendable (_ rows: Range<Int>, _ frames: Tensor) throws -> Void
    ) throws {
        let tiles = FrameTiles(frames: frames)
        try Parallel.tryForEach(tiles.count) { try body(tiles[$0], self(tiles[$0])) }
    }
}
