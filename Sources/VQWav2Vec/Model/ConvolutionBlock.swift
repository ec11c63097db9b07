import Tensors

/// Convolution → dropout → group norm → activation: the block that encoder and aggregator are made of.
struct ConvolutionBlock {
    let weight: Parameter
    let bias: Parameter?
    let normWeight: Parameter?
    let normBias: Parameter?
    let stride: Int
    let activation: Activation

    /// - Parameters:
    ///   - prefix: name of fairseq's block.
    ///   - convolutionIndex: place of the convolution in fairseq's block; the norm comes two later.
    init(
        prefix: String, convolutionIndex: Int, inputs: Int, layer: ConvolutionLayer, bias: Bool,
        configuration: ModelConfiguration, initializer: inout Initializer
    ) {
        let convolution = "\(prefix).\(convolutionIndex)"
        let norm = "\(prefix).\(convolutionIndex + 2)"
        let fanIn = inputs * layer.kernel
        weight = Parameter(
            "\(convolution).weight", shape: [layer.channels, inputs, layer.kernel], order: [0, 2, 1],
            initialize: initializer.fan(fanIn))
        self.bias =
            bias
            ? Parameter("\(convolution).bias", shape: [layer.channels], initialize: initializer.fan(fanIn))
            : nil
        let affine = configuration.affineNorm
        normWeight = affine ? Parameter("\(norm).weight", shape: [layer.channels], initialize: ones) : nil
        normBias = affine ? Parameter("\(norm).bias", shape: [layer.channels], initialize: zeros) : nil
        stride = layer.stride
        activation = configuration.activation
    }

    var channels: Int { weight.fairseqShape[0] }
    var kernel: Int { weight.fairseqShape[2] }

    var parameters: [Parameter] { [weight, bias, normWeight, normBias].compactMap { $0 } }

    /// - Parameters:
    ///   - x: [B, T, Cin], already padded.
    ///   - residual: what is added to the block's output; nil for nothing.
    ///   - probe: sees the block's output before that.
    ///   - dropout: applied between convolution and norm.
    /// - Returns: [B, T', Cout].
    func callAsFunction(
        _ x: Variable, on tape: Tape, adding residual: Residual?, probe: ((Variable) -> Void)?,
        dropout: (Variable) -> Variable = { $0 }
    ) -> Variable {
        let y = tape.convolve(
            x, weight: weight.variable, bias: bias?.variable, stride: stride, addingMoments: true)
        guard let probe else { return normalized(dropout(y), on: tape, adding: residual) }
        let output = normalized(dropout(y), on: tape)
        probe(output)
        return residual.map { tape.residualSum(output, $0.frames, scale: $0.scale) } ?? output
    }

    /// What follows the convolution.
    /// - Parameter y: [B, T', Cout].
    func normalized(_ y: Variable, on tape: Tape, adding residual: Residual? = nil) -> Variable {
        tape.groupNorm(
            y, weight: normWeight?.variable, bias: normBias?.variable, activation: activation,
            residual: residual)
    }
}
