import Tensors

/// Waveform to frames: strided convolutions without bias or padding (wav2vec §2.1; fairseq's
/// `ConvFeatureExtractionModel`).
package struct FeatureEncoder {
    let blocks: [ConvolutionBlock]
    let logCompression: Bool
    let skipConnections: Bool
    let residualScale: Float

    init(_ configuration: ModelConfiguration, initializer: inout Initializer) {
        var inputs = 1
        var blocks: [ConvolutionBlock] = []
        for (index, layer) in configuration.encoder.layers.enumerated() {
            blocks.append(
                ConvolutionBlock(
                    prefix: "feature_extractor.conv_layers.\(index)", convolutionIndex: 0, inputs: inputs,
                    layer: layer, bias: false, configuration: configuration, initializer: &initializer))
            inputs = layer.channels
        }
        self.blocks = blocks
        logCompression = configuration.encoder.logCompression
        skipConnections = configuration.encoder.skipConnections
        residualScale = Float(configuration.residualScale.squareRoot())
    }

    package var parameters: [Parameter] { blocks.flatMap(\.parameters) }

    /// - Parameters:
    ///   - waveform: [B, N, 1].
    ///   - probe: sees the output of each block, before residual sum and log compression.
    /// - Returns: z [B, T, C].
    package func callAsFunction(
        _ waveform: Variable, on tape: Tape, probe: (Int, Variable) -> Void = { _, _ in }
    ) -> Variable {
        var x = waveform
        for (index, block) in blocks.enumerated() {
            let residual = x
            x = block(x, on: tape)
            probe(index, x)
            if skipConnections && residual.shape[2] == x.shape[2] {
                x = tape.residualSum(x, residual, scale: residualScale)
            }
        }
        return logCompression ? tape.logCompress(x) : x
    }
}
