import Autodiff
import Layers

/// Positions, then layers of attention: frames to contexts (wav2vec 2.0 §2; fairseq's `TransformerEncoder`).
package struct Transformer: Sendable {
    private let positions: PositionalConvolution
    package let layers: [TransformerLayer]
    private let norm: ChannelNorm
    private let configuration: TransformerConfiguration

    init(_ configuration: TransformerConfiguration, initializer: inout Initializer) {
        positions = PositionalConvolution(configuration, initializer: &initializer)
        var layers: [TransformerLayer] = []
        for index in 0..<configuration.layers {
            layers.append(
                TransformerLayer(configuration, name: "encoder.layers.\(index)", initializer: &initializer))
        }
        self.layers = layers
        norm = ChannelNorm("encoder.layer_norm", channels: configuration.width)
        self.configuration = configuration
    }

    package var parameters: [Parameter] {
        positions.parameters + layers.flatMap(\.parameters) + norm.parameters
    }

    /// - Parameters:
    ///   - frames: [B, T, E].
    ///   - lengths: of each item, frames that are not padding; nil for all.
    ///   - last: of the layers that are computed, for their output and not that of the model; nil for all.
    ///   - probe: sees what lies between.
    /// - Returns: c [B, T, E].
    package func callAsFunction(
        _ frames: Variable, lengths: [Int]?, noise: StepNoise, on tape: Tape, last: Int? = nil,
        probe: Wav2Vec2Probe? = nil
    ) -> Variable {
        let kept = tape.zeroPadding(frames, lengths: lengths)
        let placed = positions(kept, on: tape)
        probe?(.positions, placed)
        var x = tape.residualSum(placed, kept, scale: 1)
        if !configuration.normFirst { x = norm(x, on: tape) }
        x = noise.dropout(x, rate: configuration.dropout, on: tape)
        probe?(.layerInput, x)
        for (index, layer) in layers.enumerated() {
            if !noise.skipsLayer(index, rate: configuration.layerDrop) {
                x = layer(x, lengths: lengths, noise: noise, on: tape)
                probe?(.layer(index), x)
            }
            if index == last { return x }
        }
        return configuration.normFirst ? norm(x, on: tape) : x
    }
}

/// What lies within the parts of a model.
public enum Wav2Vec2Place: Hashable, Sendable {
    /// A block of the extractor, [B, t, c].
    case block(Int)
    /// The positional convolution, [B, T, E].
    case positions
    /// What the first layer of the transformer sees, [B, T, E].
    case layerInput
    /// A layer of the transformer, [B, T, E].
    case layer(Int)
}

/// Sees the values at a place.
public typealias Wav2Vec2Probe = (Wav2Vec2Place, Variable) -> Void
