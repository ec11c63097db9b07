import Autodiff
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
        guard let convolution = BilinearForm(geometry: geometry, precision: precision) else { return nil }
        let frames = WaveformBlockFrames(block, waveforms: waveforms, step: stride)
        let moments = convolution.outputMoments()
        let y = convolution.output(
            of: { part, _ in frames.rows(of: part) }, weight: weight.value, bias: bias?.value,
            moments: moments)
        let others = [block.normWeight, block.normBias, bias].compactMap { $0 }
        let output = record(y, inputs: [block.weight, weight] + others) { dy in
            var sums = WaveformBlockSums(frames)
            let dWeight = convolution.weightGradient(weight.value) { part, convolution, weight in
                convolution.weightGradient(dy, input: frames.rows(of: part), weight: weight) {
                    sums.add($0, $1, of: part, convolution)
                }
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
