import Autodiff
import Tensors

/// Convolution → dropout → norm → activation: the block that encoder and aggregator are made of.
package struct ConvolutionBlock: Sendable {
    package let weight: Parameter
    package let bias: Parameter?
    package let normWeight: Parameter?
    package let normBias: Parameter?
    package let norm: Norm
    package let stride: Int
    package let activation: Activation

    /// - Parameters:
    ///   - prefix: name of fairseq's block.
    ///   - convolutionIndex: place of the convolution in fairseq's block; the norm comes two later, a layer norm
    ///     between two transpositions.
    package init(
        prefix: String, convolutionIndex: Int, inputs: Int, layer: ConvolutionLayer, style: BlockStyle,
        initializer: inout Initializer
    ) {
        let convolution = "\(prefix).\(convolutionIndex)"
        let norm = "\(prefix).\(convolutionIndex + 2)" + (style.norm == .layer ? ".1" : "")
        let fanIn = inputs * layer.kernel
        weight = Parameter(
            "\(convolution).weight", shape: [layer.channels, inputs, layer.kernel], order: [0, 2, 1],
            initialize: style.heWeights
                ? initializer.normal(deviation: (2 / Float(fanIn)).squareRoot()) : initializer.fan(fanIn))
        self.bias =
            style.bias
            ? Parameter("\(convolution).bias", shape: [layer.channels], initialize: initializer.fan(fanIn))
            : nil
        let affine = style.affineNorm && style.norm != .none
        normWeight = affine ? Parameter("\(norm).weight", shape: [layer.channels], initialize: ones) : nil
        normBias = affine ? Parameter("\(norm).bias", shape: [layer.channels], initialize: zeros) : nil
        self.norm = style.norm
        stride = layer.stride
        activation = style.activation
    }

    package var channels: Int { weight.fairseqShape[0] }
    package var kernel: Int { weight.fairseqShape[2] }

    package var parameters: [Parameter] { [weight, bias, normWeight, normBias].compactMap { $0 } }

    /// - Parameters:
    ///   - x: [B, T, Cin], already padded.
    ///   - residual: what is added to the block's output; nil for nothing.
    ///   - probe: sees the block's output before that.
    ///   - dropout: applied between convolution and norm.
    /// - Returns: [B, T', Cout].
    package func callAsFunction(
        _ x: Variable, on tape: Tape, adding residual: Residual?, probe: ((Variable) -> Void)?,
        dropout: (Variable) -> Variable = { $0 }
    ) -> Variable {
        let y = tape.convolve(
            x, weight: weight.variable, bias: bias?.variable, stride: stride,
            addingMoments: norm == .group(1))
        guard let probe else { return normalized(dropout(y), on: tape, adding: residual) }
        let output = normalized(dropout(y), on: tape)
        probe(output)
        return residual.map { tape.residualSum(output, $0.frames, scale: $0.scale) } ?? output
    }

    /// What the norm does to the frames of one recording.
    /// - Parameter moments: of each of its groups, where it has some.
    func frameNormalization(_ moments: [GroupMoments], frames: Int) -> FrameNormalization {
        FrameNormalization(
            norm, moments: moments, frames: frames, channels: channels, weight: normWeight?.variable.value,
            bias: normBias?.variable.value, activation: activation)
    }

    /// What follows the convolution.
    /// - Parameter y: [B, T', Cout].
    package func normalized(_ y: Variable, on tape: Tape, adding residual: Residual? = nil) -> Variable {
        let (weight, bias) = (normWeight?.variable, normBias?.variable)
        switch norm {
        case .group(let groups):
            return tape.groupNorm(
                y, weight: weight, bias: bias, groups: groups, activation: activation, residual: residual)
        case .layer:
            return tape.layerNorm(y, weight: weight, bias: bias, activation: activation, residual: residual)
        case .none:
            let output = tape.activate(y, activation)
            return residual.map { tape.residualSum(output, $0.frames, scale: $0.scale) } ?? output
        }
    }
}
