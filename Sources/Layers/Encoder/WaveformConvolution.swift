import Autodiff
import CKernels
import Tensors

/// The first convolution of an encoder, from one channel to many. Its output is the largest of all layers
/// and cheap to compute, so it is never stored: its moments follow from the waveform, and pieces of it are
/// computed, normalised and activated where they are read. Weights must not change afterwards.
package struct WaveformConvolution: Sendable {
    package let length: ConvolutionLength
    package let channels: Int
    /// [k, C].
    private let weight: Tensor
    private let bias: Tensor?

    /// - Parameters:
    ///   - weight: [C, k, 1].
    ///   - bias: [C], or nil.
    package init(weight: Tensor, bias: Tensor? = nil, stride: Int) {
        precondition(
            weight.shape.count == 3 && weight.shape[2] == 1, "a weight \(weight.shape) is not [C, k, 1]")
        channels = weight.shape[0]
        length = ConvolutionLength(kernel: weight.shape[1], stride: stride)
        self.weight = weight.reshaped([channels, weight.shape[1]]).transposed([1, 0])
        self.bias = bias
    }

    /// norm(x ∗ weight + bias), activated: one pass over the output, on the calling thread.
    /// - Parameters:
    ///   - waveform: all samples, [N, 1].
    ///   - rows: the frames to be computed.
    /// - Returns: [rows, C].
    /// - Throws: `SpillError`.
    package func callAsFunction(
        _ waveform: FrameStore, _ rows: Range<Int>, _ norm: FrameNormalization
    ) throws -> Tensor {
        guard !norm.isPerFrame else {
            let x = try self(waveform, rows, FrameNormalization(channels: channels, bias: nil))
            return norm(x.pointer, frames: rows.count)
        }
        let norm = norm.adding(bias)
        let y = Tensor(uninitialized: [rows.count, channels])
        try waveform.read(length.inputs(rows)) { samples in
            vq_waveform_block(
                samples, rows.count, length.stride, length.kernel, weight.pointer, y.pointer, channels,
                channels,
                norm.scale.pointer, norm.shift.pointer, norm.activationCode)
        }
        return y
    }

    /// The frames of a waveform of at least the kernel's length.
    package func frames(_ waveform: FrameStore) -> Int { length.outputs(waveform.frames) }

    /// The moments of all values of the convolution's output, of each group of channels.
    /// - Parameter waveform: at least the kernel's length, [N, 1].
    /// - Throws: `SpillError`.
    package func moments(_ waveform: FrameStore, groups: Int = 1) throws -> [GroupMoments] {
        guard groups > 0 else { return [] }
        let (kernel, stride) = (length.kernel, length.stride)
        guard kernel <= WindowMoments.longestKernel, bias == nil else {
            return try computedMoments(waveform, groups: groups)
        }
        let tiles = Tiling(rows: frames(waveform), target: WindowMoments.tile)
        let windows = try Parallel.tryMap(tiles.count) { tile in
            let rows = tiles[tile]
            var windows = WindowMoments(kernel: kernel)
            try waveform.read(length.inputs(rows)) {
                windows.add($0, windows: rows.count, stride: stride)
            }
            return windows
        }.reduce(into: WindowMoments(kernel: kernel)) { $0 += $1 }
        return WindowMoments.Taps.groups(groups, of: weight).map { windows.moments($0) }
    }

    /// The same from the output itself, a tile at a time.
    private func computedMoments(_ waveform: FrameStore, groups: Int) throws -> [GroupMoments] {
        let tiles = FrameTiles(frames: frames(waveform))
        let plain = FrameNormalization(channels: channels, bias: nil)
        let none = [GroupMoments](repeating: GroupMoments(), count: groups)
        return try Parallel.tryMap(tiles.count) { tile in
            let rows = tiles[tile]
            let y = try self(waveform, rows, plain)
            var moments = none
            moments.add(y.pointer, frames: rows.count, channels: channels)
            return moments
        }.reduce(into: none) { $0.add($1) }
    }
}
