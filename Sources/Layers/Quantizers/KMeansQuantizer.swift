import Autodiff
import Tensors

/// Chooses the nearest codeword (vq-wav2vec §3.2; fairseq's `KmeansVectorQuantizer`). The gradient is
/// copied past the codebook, which learns from a loss of its own: see `Tape.nearestCodeword`.
package struct KMeansQuantizer: Quantizer {
    package let groups: Int
    package let variables: Int
    package let codebook: Parameter
    private let projectionWeight: Parameter
    private let normWeight: Parameter
    private let normBias: Parameter
    private let gamma: Float

    /// - Parameter gamma: weight of the commitment term.
    package init(_ sizes: QuantizerSizes, gamma: Double, initializer: inout Initializer) {
        (groups, variables) = (sizes.groups, sizes.variables)
        self.gamma = Float(gamma)
        let (inputs, outputs) = (sizes.inputChannels, sizes.outputChannels)
        // fairseq: [V, G', d]; ours: [G', V, d], the codewords of a group together.
        codebook = Parameter(
            "vector_quantizer.embedding", shape: [variables, sizes.codebooks, sizes.codewordChannels],
            order: [1, 0, 2],
            initialize: initializer.normal(deviation: 0.01))
        projectionWeight = Parameter(
            "vector_quantizer.projection.0.weight", shape: [outputs, inputs / groups, 1],
            initialize: initializer.fan(inputs / groups))
        normWeight = Parameter(
            "vector_quantizer.projection.1.weight", shape: [outputs], initialize: ones)
        normBias = Parameter("vector_quantizer.projection.1.bias", shape: [outputs], initialize: zeros)
    }

    package var parameters: [Parameter] { [codebook, projectionWeight, normWeight, normBias] }

    package func quantize(
        _ z: Variable, temperature: Double, losses: QuantizerLosses, noise: StepNoise, on tape: Tape
    ) -> Quantization {
        let frames = project(z, on: tape)
        let book = codebookRows(on: tape)
        let (quantized, ids) = tape.nearestCodeword(
            frames, codebook: book, groups: groups, variables: variables)
        // The loss is there to be reported even where its weight is zero.
        let loss = tape.codebookLoss(
            frames, codebook: book, ids: ids, groups: groups, variables: variables, gamma: gamma)
        return Quantization(
            groups: groups, variables: variables,
            quantized: tape.reshape(quantized, [z.shape[0], z.shape[1], quantized.shape[1]]), ids: ids,
            noiseFreeIDs: ids, codebookInput: frames, loss: (loss, losses.kmeansWeight),
            softmaxPerplexityPerGroup: nil)
    }

    package var projection: NormalizedProjection? {
        NormalizedProjection(
            weight: projectionWeight, normWeight: normWeight, normBias: normBias, groups: groups)
    }

    package func ids(_ frames: Tensor) -> [Int32] {
        nearestCodewords(
            frames.reshaped([frames.shape[0] * frames.shape[1], frames.shape[2]]),
            codebook: codebookRows(on: Tape(recording: false)).value, groups: groups, variables: variables)
    }

    /// It goes by distances.
    package func logits(_ z: Tensor) -> Tensor? { nil }

    package func initializeCodebook(from z: Tensor, stream: RandomStream) {
        normBias.variable.value.fill(codewordMean)
        restartCodewords(Array(0..<codewordCount), from: z, stream: stream)
    }

    /// The projection begins as the identity where it can, and the norm with the moments of z.
    package func begin(behind z: Tensor, stream: RandomStream) {
        let weight = projectionWeight.variable.value
        let (outputs, inputs) = (weight.shape[0], weight.count / weight.shape[0])
        if outputs == inputs * groups {
            weight.fill(0)
            for output in 0..<outputs { weight.pointer[output * inputs + output % inputs] = 1 }
        }
        let frames = z.count / z.shape[2]
        var moments = [GroupMoments](repeating: GroupMoments(), count: groups)
        moments.add(z.pointer, frames: frames, channels: z.shape[2])
        for (group, moments) in moments.enumerated() {
            let count = Double(frames * inputs)
            let (mean, width) = (moments.sum / count, outputs / groups)
            let deviation = max(0, moments.squares / count - mean * mean).squareRoot()
            for output in group * width..<(group + 1) * width {
                normBias.variable.value.pointer[output] = Float(mean)
                normWeight.variable.value.pointer[output] = Float(deviation)
            }
        }
        restartCodewords(Array(0..<codewordCount), from: z, stream: stream)
    }

    /// Codewords live where projected frames do.
    @discardableResult
    package func restartCodewords(_ rows: [Int], from z: Tensor, stream: RandomStream) -> Int {
        place(rows, on: project(.constant(z), on: Tape(recording: false)).value, stream: stream)
        return rows.count
    }

    /// Grouped 1×1 convolution and a norm over each group: [B, T, C] to [B·T, G·d].
    private func project(_ z: Variable, on tape: Tape) -> Variable {
        let x = tape.groupNorm(
            tape.linear(z, weight: projectionWeight.variable, groups: groups), weight: normWeight.variable,
            bias: normBias.variable, groups: groups, activation: nil)
        return tape.reshape(x, [x.shape[0] * x.shape[1], x.shape[2]])
    }
}
