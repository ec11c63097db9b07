import Autodiff
import Tensors

/// Chooses codewords by the largest logit plus Gumbel noise (vq-wav2vec §3.1; fairseq's
/// `GumbelVectorQuantizer`). The gradient is that of the softmax: see `Tape.gumbelStraightThrough`.
package struct GumbelQuantizer: Quantizer {
    package let groups: Int
    package let variables: Int
    package let codebook: Parameter
    /// Linear maps with the activation between them.
    package let projections: [(weight: Parameter, bias: Parameter)]
    private let activation: Activation

    /// - Parameters:
    ///   - name: in fairseq's state dict.
    ///   - depth: linear maps between z and the logits.
    ///   - widening: of the inner ones, how many times as wide as z they are.
    ///   - activation: behind each but the last.
    package init(
        _ sizes: QuantizerSizes, name: String = "vector_quantizer", depth: Int, widening: Int = 2,
        activation: Activation, initializer: inout Initializer
    ) {
        (groups, variables) = (sizes.groups, sizes.variables)
        self.activation = activation
        codebook = Parameter(
            "\(name).vars", shape: [1, sizes.codebooks * variables, sizes.codewordChannels],
            initialize: initializer.uniform(0, 1))
        let channels = sizes.inputChannels
        var maps: [(Parameter, Parameter)] = []
        for index in 0..<depth {
            let isLast = index == depth - 1
            let inputs = index == 0 ? channels : widening * channels
            let outputs = isLast ? groups * variables : widening * channels
            var name = "\(name).weight_proj"
            if depth > 1 { name += isLast ? ".\(index)" : ".\(index).0" }
            // fairseq draws a lone projection from N(0, 1) with zero biases.
            let isLone = depth == 1
            maps.append(
                (
                    Parameter(
                        "\(name).weight", shape: [outputs, inputs],
                        initialize: isLone ? initializer.normal(deviation: 1) : initializer.fan(inputs)),
                    Parameter(
                        "\(name).bias", shape: [outputs],
                        initialize: isLone ? zeros : initializer.fan(inputs))
                ))
        }
        projections = maps
    }

    package var parameters: [Parameter] { [codebook] + projections.flatMap { [$0.weight, $0.bias] } }

    package func quantize(
        _ z: Variable, temperature: Double, losses: QuantizerLosses, noise: StepNoise, on tape: Tape
    ) -> Quantization {
        let logits = logits(z, on: tape)
        let drawn = noise.gumbelNoise(shape: logits.shape)
        let (quantized, ids) = tape.gumbelStraightThrough(
            logits: logits, codebook: codebookRows(on: tape), groups: groups, noise: drawn,
            temperature: Float(temperature))
        let (perplexity, perGroup) = tape.softmaxPerplexity(logits: logits, groups: groups)
        var loss: (Variable, Double)?
        if losses.diversityWeight != 0 {
            let most = Variable.constant(Tensor([Float(groups * variables)], shape: [1]))
            loss = (tape.weightedSum([(most, 1), (perplexity, -1)]), losses.diversityWeight)
        }
        return Quantization(
            groups: groups, variables: variables,
            quantized: tape.reshape(quantized, [z.shape[0], z.shape[1], quantized.shape[1]]), ids: ids,
            noiseFreeIDs: drawn == nil ? ids : argmax(logits.value, variables: variables),
            codebookInput: logits, loss: loss, softmaxPerplexityPerGroup: perGroup)
    }

    /// Logits of a frame depend on that frame alone.
    package var projection: NormalizedProjection? { nil }

    package func ids(_ frames: Tensor) -> [Int32] {
        argmax(logits(.constant(frames), on: Tape(recording: false)).value, variables: variables)
    }

    package func logits(_ z: Tensor) -> Tensor? { logits(.constant(z), on: Tape(recording: false)).value }

    /// [B, T, C] to [B·T, G·V].
    package func logits(_ z: Variable, on tape: Tape) -> Variable {
        var x = tape.reshape(z, [z.shape[0] * z.shape[1], z.shape[2]])
        for (index, map) in projections.enumerated() {
            x = tape.linear(x, weight: map.weight.variable, bias: map.bias.variable)
            if index < projections.count - 1 { x = tape.activate(x, activation) }
        }
        return x
    }
}
