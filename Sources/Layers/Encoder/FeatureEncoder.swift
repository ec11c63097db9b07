import Autodiff
import Tensors

/// Waveform to frames: strided convolutions without padding (wav2vec §2.1; fairseq's
/// `ConvFeatureExtractionModel`).
package struct FeatureEncoder: Sendable {
    package let blocks: [ConvolutionBlock]
    package let logCompression: Bool
    package let skipConnections: Bool
    package let residualScale: Float

    /// - Parameters:
    ///   - layers: the convolutions, the first of which sees the waveform.
    ///   - style: of all blocks.
    ///   - residualScale: factor of the sums of `skipConnections`.
    package init(
        _ layers: [ConvolutionLayer], style: BlockStyle, logCompression: Bool, skipConnections: Bool,
        residualScale: Float, initializer: inout Initializer
    ) {
        var inputs = 1
        var blocks: [ConvolutionBlock] = []
        for (index, layer) in layers.enumerated() {
            blocks.append(
                ConvolutionBlock(
                    prefix: "feature_extractor.conv_layers.\(index)", convolutionIndex: 0, inputs: inputs,
                    layer: layer, style: style, initializer: &initializer))
            inputs = layer.channels
        }
        self.init(
            blocks, logCompression: logCompression, skipConnections: skipConnections,
            residualScale: residualScale)
    }

    /// - Parameter blocks: the first of which sees the waveform, at least one.
    package init(
        _ blocks: [ConvolutionBlock], logCompression: Bool, skipConnections: Bool, residualScale: Float
    ) {
        precondition(!blocks.isEmpty, "an encoder without blocks")
        self.blocks = blocks
        self.logCompression = logCompression
        self.skipConnections = skipConnections
        self.residualScale = residualScale
    }

    package var parameters: [Parameter] { blocks.flatMap(\.parameters) }

    /// - Parameters:
    ///   - waveforms: [B, N].
    ///   - probe: sees the output of each block, before residual sum and log compression. Without it nothing
    ///     of the first block needs to be kept.
    /// - Returns: z [B, T, C].
    package func callAsFunction(
        _ waveforms: Tensor, on tape: Tape, probe: ((Int, Variable) -> Void)? = nil
    ) -> Variable {
        var x = Variable.constant(waveforms.reshaped(waveforms.shape + [1]))
        var rest = blocks.indices[...]
        if probe == nil, !skipConnections, let y = firstTwoBlocks(waveforms, on: tape) {
            x = y
            rest = rest.dropFirst(2)
        }
        for index in rest {
            let block = blocks[index]
            let addsInput = skipConnections && x.shape[2] == block.channels
            x = block(
                x, on: tape, adding: addsInput ? Residual(x, scale: residualScale) : nil,
                probe: probe.map { probe in { probe(index, $0) } })
        }
        return logCompression ? tape.logCompress(x) : x
    }

    /// nil where the sizes do not suit `Tape.convolve(_:through:weight:stride:)`.
    private func firstTwoBlocks(_ waveforms: Tensor, on tape: Tape) -> Variable? {
        guard blocks.count > 1, case .group(let groups) = blocks[0].norm, blocks[0].bias == nil else {
            return nil
        }
        let (first, second) = (blocks[0], blocks[1])
        let block = WaveformBlock(
            weight: first.weight.variable, normWeight: first.normWeight?.variable,
            normBias: first.normBias?.variable, groups: groups, activation: first.activation,
            stride: first.stride)
        return tape.convolve(
            waveforms, through: block, weight: second.weight.variable,
            bias: second.bias?.variable, stride: second.stride
        ).map { second.normalized($0, on: tape) }
    }
}
