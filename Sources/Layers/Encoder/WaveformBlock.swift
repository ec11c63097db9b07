import Autodiff
import CKernels
import Tensors

/// The first block of an encoder, act(groupNorm(waveform ∗ weight)), by its parameters.
public struct WaveformBlock: Sendable {
    let weight: Variable
    let normWeight: Variable?
    let normBias: Variable?
    /// Of channels, each normalised by itself.
    let groups: Int
    let activation: Activation
    let stride: Int

    /// - Parameters:
    ///   - weight: [C, k, 1].
    ///   - groups: a divisor of C.
    ///   - normWeight: [C], or nil for ones.
    ///   - normBias: [C], or nil for zeros.
    public init(
        weight: Variable, normWeight: Variable?, normBias: Variable?, groups: Int = 1,
        activation: Activation, stride: Int
    ) {
        precondition(
            weight.shape.count == 3 && weight.shape[2] == 1 && stride > 0
                && groups > 0 && weight.shape[0] % groups == 0
                && [normWeight, normBias].allSatisfy { $0.map { $0.value.count == weight.shape[0] } ?? true },
            "a weight \(weight.shape) is not [C, k, 1], or does not fit its norm")
        self.groups = groups
        (self.weight, self.normWeight, self.normBias) = (weight, normWeight, normBias)
        (self.activation, self.stride) = (activation, stride)
    }

    var kernel: Int { weight.shape[1] }
    var channels: Int { weight.shape[0] }

    /// [B, T, C].
    func outputShape(_ waveforms: Tensor) -> [Int] {
        [
            waveforms.shape[0], ConvolutionLength(kernel: kernel, stride: stride).outputs(waveforms.shape[1]),
            channels,
        ]
    }
}

extension Tape {
    /// `convolve(groupNorm(convolve(waveforms, …), …), weight: weight, stride: stride)`, nothing of whose first
    /// block is kept: at 16 kHz that is the largest array of the model by far. Its moments follow from those
    /// of the waveform, and its frames are computed, forward and backward, where the second convolution needs
    /// them.
    ///
    /// - Parameters:
    ///   - waveforms: [B, N], constants.
    ///   - weight: [Cout, k, C], of the second convolution.
    ///   - bias: [Cout], of the second convolution; or nil.
    /// - Returns: [B, T', Cout]; nil where the sizes do not suit, and both convolutions are to be computed one
    ///   after the other.
    public func convolve(
        _ waveforms: Tensor, through block: WaveformBlock, weight: Variable, bias: Variable? = nil,
        stride: Int
    ) -> Variable? {
        precondition(
            waveforms.shape.count == 2 && waveforms.shape[1] >= block.kernel && weight.shape.count == 3
                && weight.shape[2] == block.channels,
            "waveforms \(waveforms.shape) cannot go through \(block.weight.shape) and \(weight.shape)")
        let shape = block.outputShape(waveforms)
        guard block.kernel <= WindowMoments.longestKernel, shape[1] >= weight.shape[1] else { return nil }
        let geometry = ConvolutionGeometry(input: shape, weight: weight.shape, stride: stride)
        guard let algorithm = ConvolutionPlan.algorithm(for: geometry) else { return nil }
        let frames = WaveformBlockFrames(block, waveforms: waveforms)
        let convolution = BilinearConvolution(geometry: geometry, algorithm: algorithm)
        let moments = convolution.outputMoments()
        let y = convolution.output(
            of: frames.rows(of: convolution), weight: weight.value, bias: bias?.value,
            moments: moments)
        let others = [block.normWeight, block.normBias, bias].compactMap { $0 }
        let output = record(y, inputs: [block.weight, weight] + others) { dy in
            var sums = WaveformBlockSums(frames)
            let dWeight = convolution.weightGradient(
                dy, input: frames.rows(of: convolution), weight: weight.value
            ) { products, tiles in
                sums.add(products, tiles, of: convolution)
            }
            let gradient = sums.gradient()
            let gradients = [
                block.normWeight.map { _ in gradient.normWeight },
                block.normBias.map { _ in gradient.normBias },
                bias.map { biasGradient(dy, width: $0.value.count) },
            ]
            return [gradient.weight, dWeight] + gradients.compactMap { $0 }
        }
        output.moments = moments.totals
        return output
    }
}

/// The block's output for some waveforms, computed where it is read.
struct WaveformBlockFrames: Sendable {
    let block: WaveformBlock
    let waveforms: Tensor
    /// The block's weight as [k, C].
    let weight: Tensor
    /// Of each item; the moments of each of its groups.
    let windows: [WindowMoments]
    let moments: [[GroupMoments]]
    let norms: [FrameNormalization]
    /// T.
    let count: Int

    init(_ block: WaveformBlock, waveforms: Tensor) {
        (self.block, self.waveforms) = (block, waveforms)
        let weight = block.weight.value.reshaped([block.channels, block.kernel]).transposed([1, 0])
        let count = block.outputShape(waveforms)[1]
        windows = Self.windowMoments(waveforms, count: count, block)
        let taps = WindowMoments.Taps.groups(block.groups, of: weight)
        moments = windows.map { windows in taps.map { windows.moments($0) } }
        norms = moments.map {
            FrameNormalization(
                .group(block.groups), moments: $0, frames: count, channels: block.channels,
                weight: block.normWeight?.value, bias: block.normBias?.value, activation: block.activation)
        }
        (self.weight, self.count) = (weight, count)
    }

    /// What frames from `first` on see.
    func samples(item: Int, first: Int) -> UnsafeMutablePointer<Float> {
        waveforms.pointer + item * waveforms.shape[1] + first * block.stride
    }

    /// Hands the frames to a convolution, a tile at a time.
    func rows(of convolution: BilinearConvolution) -> BilinearConvolution.Input {
        { tile, use in
            let stride = convolution.geometry.stride
            let y = Tensor(uninitialized: [tile.inputs * stride, block.channels])
            let norm = norms[tile.item]
            vq_waveform_block(
                samples(item: tile.item, first: tile.outputs.lowerBound * stride), y.shape[0], block.stride,
                block.kernel, weight.pointer, y.pointer, block.channels, norm.scale.pointer,
                norm.shift.pointer, norm.activationCode)
            use(MatrixView(y.pointer, rows: tile.inputs, columns: stride * block.channels))
        }
    }

    /// Of each item.
    private static func windowMoments(
        _ waveforms: Tensor, count: Int, _ block: WaveformBlock
    ) -> [WindowMoments] {
        let (batch, samples) = (waveforms.shape[0], waveforms.shape[1])
        let tiles = Tiling(rows: count, target: WindowMoments.tile)
        let empty = WindowMoments(kernel: block.kernel)
        let partial = Parallel.map(batch * tiles.count) { index in
            let (item, rows) = (index / tiles.count, tiles[index % tiles.count])
            var windows = empty
            windows.add(
                waveforms.pointer + item * samples + rows.lowerBound * block.stride, windows: rows.count,
                stride: block.stride)
            return windows
        }
        return (0..<batch).map { item in
            partial[item * tiles.count..<(item + 1) * tiles.count].reduce(into: empty) { $0 += $1 }
        }
    }
}
