import Autodiff
import Layers
import Tensors

/// Quantized frames, or those of the encoder, to contexts: causal convolutions with residual sums (wav2vec §2.1; fairseq's
/// `ConvAggegator`).
package struct ContextAggregator: Sendable {
    let blocks: [ConvolutionBlock]
    private let residualProjections: [Parameter?]
    private let zeroPadding: Bool
    private let skipConnections: Bool
    private let residualScale: Float
    private let dropout: Double

    /// - Parameter name: `feature_aggregator`, or `project_features` for the second one of that option.
    init(_ configuration: ModelConfiguration, name: String, initializer: inout Initializer) {
        let aggregator = configuration.aggregator
        var inputs = configuration.targetChannels
        var blocks: [ConvolutionBlock] = []
        var projections: [Parameter?] = []
        for (index, layer) in aggregator.layers.enumerated() {
            let needsProjection = aggregator.skipConnections && inputs != layer.channels
            projections.append(
                needsProjection
                    ? Parameter(
                        "\(name).residual_proj.\(index).weight", shape: [layer.channels, inputs, 1],
                        initialize: initializer.fan(inputs))
                    : nil)
            blocks.append(
                ConvolutionBlock(
                    prefix: "\(name).conv_layers.\(index)", convolutionIndex: 1, inputs: inputs, layer: layer,
                    style: configuration.blockStyle(bias: aggregator.bias), initializer: &initializer))
            inputs = layer.channels
        }
        self.blocks = blocks
        residualProjections = projections
        zeroPadding = aggregator.zeroPadding
        skipConnections = aggregator.skipConnections
        residualScale = configuration.residualFactor
        dropout = aggregator.dropout
    }

    /// In evaluation.
    /// - Parameters:
    ///   - frames: [B, T, C].
    ///   - layers: how many of them are passed, all by default.
    /// - Returns: c [B, T, C'], or the output of the last layer that is passed, its residual sum included.
    func contexts(of frames: Tensor, layers: Int? = nil) -> Tensor {
        let noise = StepNoise(training: false, items: Array(0..<frames.shape[0]))
        return self(.constant(frames), on: Tape(recording: false), noise: noise, layers: layers).value
    }

    package var parameters: [Parameter] {
        blocks.flatMap(\.parameters) + residualProjections.compactMap { $0 }
    }

    /// - Parameters:
    ///   - frames: [B, T, C].
    ///   - noise: draws the dropout masks.
    ///   - layers: how many of them are passed, all by default.
    ///   - probe: sees the output of each block, before the residual sum.
    /// - Returns: c [B, T, C'].
    package func callAsFunction(
        _ frames: Variable, on tape: Tape, noise: StepNoise, layers: Int? = nil,
        probe: ((Int, Variable) -> Void)? = nil
    ) -> Variable {
        var x = frames
        for (index, block) in blocks.prefix(layers ?? blocks.count).enumerated() {
            let padded = tape.padLeft(x, frames: block.kernel - 1, zero: zeroPadding)
            let projected = residualProjections[index].map { tape.linear(x, weight: $0.variable) }
            x = block(
                padded, on: tape,
                adding: skipConnections ? Residual(projected ?? x, scale: residualScale) : nil,
                probe: probe.map { probe in { probe(index, $0) } }
            ) { noise.dropout($0, rate: dropout, on: tape) }
        }
        return x
    }
}
