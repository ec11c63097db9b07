import CKernels
import Tensors

/// The first convolution of an encoder, from one channel to many. Its output is the largest of all layers
/// and cheap to compute, so it is never stored: its moments follow from the waveform, and pieces of it are
/// computed, normalised and activated where they are read. Weights must not change afterwards.
package struct WaveformConvolution {
    package let kernel: Int
    package let stride: Int
    package let channels: Int
    /// [k, C].
    private let weight: Tensor

    /// - Parameter weight: [C, k, 1].
    package init(weight: Tensor, stride: Int) {
        precondition(weight.shape.count == 3 && weight.shape[2] == 1)
        (channels, kernel) = (weight.shape[0], weight.shape[1])
        self.stride = stride
        self.weight = weight.reshaped([channels, kernel]).transposed([1, 0])
    }

    /// norm(x ∗ weight), activated: one pass over the output, on the calling thread.
    /// - Parameters:
    ///   - waveform: all samples, [N, 1].
    ///   - rows: the frames to be computed.
    /// - Returns: [rows, C].
    /// - Throws: `SpillError`.
    package func callAsFunction(
        _ waveform: FrameStore, _ rows: Range<Int>, _ norm: FrameNormalization
    ) throws -> Tensor {
        let y = Tensor(uninitialized: [rows.count, channels])
        try waveform.read(samples(rows)) { samples in
            vq_waveform_block(
                samples, rows.count, stride, kernel, weight.pointer, y.pointer, channels, norm.scale.pointer,
                norm.shift.pointer, norm.activationCode)
        }
        return y
    }

    /// The frames of a waveform of at least the kernel's length.
    package func frames(_ waveform: FrameStore) -> Int { (waveform.frames - kernel) / stride + 1 }

    /// What some frames see.
    private func samples(_ rows: Range<Int>) -> Range<Int> {
        rows.lowerBound * stride..<(rows.upperBound - 1) * stride + kernel
    }

    /// The moments of all T·C values of the convolution's output.
    /// - Parameter waveform: at least the kernel's length, [N, 1].
    /// - Throws: `SpillError`.
    package func moments(_ waveform: FrameStore) throws -> GroupMoments {
        guard kernel <= WindowMoments.longestKernel else { return try computedMoments(waveform) }
        let tiles = Tiling(rows: frames(waveform), target: WindowMoments.tile)
        var partial = [WindowMoments](repeating: WindowMoments(kernel: kernel), count: tiles.count)
        try partial.withUnsafeMutableBufferPointer { partial in
            let partial = partial
            try Parallel.tryForEach(tiles.count) { tile in
                let rows = tiles[tile]
                try waveform.read(samples(rows)) {
                    partial[tile].add($0, windows: rows.count, stride: stride)
                }
            }
        }
        return partial.reduce(into: WindowMoments(kernel: kernel)) { $0 += $1 }.moments(weight: weight)
    }

    /// The same from the output itself, a tile at a time.
    private func computedMoments(_ waveform: FrameStore) throws -> GroupMoments {
        let tiles = FrameTiles(frames: frames(waveform))
        let plain = FrameNormalization(identity: channels)
        var partial = [GroupMoments](repeating: GroupMoments(), count: tiles.count)
        try partial.withUnsafeMutableBufferPointer { partial in
            let partial = partial
            try Parallel.tryForEach(tiles.count) { tile in
                let rows = tiles[tile]
                let y = try self(waveform, rows, plain)
                partial[tile].add(y.pointer, frames: rows.count, stride: channels, channels: channels)
            }
        }
        return partial.reduce(into: GroupMoments()) { $0 += $1 }
    }
}
