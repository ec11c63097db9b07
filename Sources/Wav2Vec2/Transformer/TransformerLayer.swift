import Autodiff
import Layers
import Tensors

/// Attention and an inner network at each frame, each added to its input, with a layer norm behind either sum or before
/// either part (Vaswani et al. 2017; fairseq's `TransformerSentenceEncoderLayer`).
package struct TransformerLayer: Sendable {
    private let query: LinearMap
    private let key: LinearMap
    private let value: LinearMap
    private let output: LinearMap
    private let attentionNorm: ChannelNorm
    private let inner: LinearMap
    private let outer: LinearMap
    private let finalNorm: ChannelNorm
    private let configuration: TransformerConfiguration

    /// - Parameter name: in fairseq's state dict.
    init(_ configuration: TransformerConfiguration, name: String, initializer: inout Initializer) {
        let (width, innerWidth) = (configuration.width, configuration.innerWidth)
        func map(_ place: String, _ inputs: Int, _ outputs: Int) -> LinearMap {
            LinearMap(
                "\(name).\(place)", inputs: inputs, outputs: outputs, start: .bert, initializer: &initializer)
        }
        key = map("self_attn.k_proj", width, width)
        value = map("self_attn.v_proj", width, width)
        query = map("self_attn.q_proj", width, width)
        output = map("self_attn.out_proj", width, width)
        attentionNorm = ChannelNorm("\(name).self_attn_layer_norm", channels: width)
        inner = map("fc1", width, innerWidth)
        outer = map("fc2", innerWidth, width)
        finalNorm = ChannelNorm("\(name).final_layer_norm", channels: width)
        self.configuration = configuration
    }

    package var parameters: [Parameter] {
        [key, value, query, output].flatMap(\.parameters) + attentionNorm.parameters + inner.parameters
            + outer.parameters + finalNorm.parameters
    }

    /// - Parameters:
    ///   - x: [B, T, E].
    ///   - lengths: of each item, frames that are attended to; nil for all.
    func callAsFunction(_ x: Variable, lengths: [Int]?, noise: StepNoise, on tape: Tape) -> Variable {
        guard configuration.normFirst else {
            let y = attentionNorm(
                tape.residualSum(attend(x, lengths, noise, tape), x, scale: 1), on: tape)
            return finalNorm(tape.residualSum(innerNetwork(y, noise, tape), y, scale: 1), on: tape)
        }
        let y = tape.residualSum(
            attend(attentionNorm(x, on: tape), lengths, noise, tape), x, scale: 1)
        return tape.residualSum(innerNetwork(finalNorm(y, on: tape), noise, tape), y, scale: 1)
    }

    private func attend(_ x: Variable, _ lengths: [Int]?, _ noise: StepNoise, _ tape: Tape) -> Variable {
        let mixed = tape.attention(
            query(x, on: tape), key(x, on: tape), value(x, on: tape), heads: configuration.heads,
            lengths: lengths, dropout: noise.dropout(rate: configuration.attentionDropout))
        return noise.dropout(output(mixed, on: tape), rate: configuration.dropout, on: tape)
    }

    /// Where nothing is recorded, of so many frames at a time: its inner frames take four times the memory of others.
    package static let longestTile = 4096

    private func innerNetwork(_ x: Variable, _ noise: StepNoise, _ tape: Tape) -> Variable {
        let tiles = Tiling(rows: x.shape[0] * x.shape[1], size: Self.longestTile)
        guard !tape.isRecording, tiles.count > 1 else { return innerTile(x, noise, tape) }
        let (y, width) = (Tensor(uninitialized: x.shape), x.shape[2])
        for rows in tiles.ranges {
            let tile = Tensor(uninitialized: [1, rows.count, width])
            tile.pointer.update(from: x.value.pointer + rows.lowerBound * width, count: tile.count)
            let output = innerTile(.constant(tile), noise, tape).value
            (y.pointer + rows.lowerBound * width).update(from: output.pointer, count: tile.count)
        }
        return .constant(y)
    }

    private func innerTile(_ x: Variable, _ noise: StepNoise, _ tape: Tape) -> Variable {
        let activated = noise.dropout(
            tape.activate(inner(x, on: tape), configuration.activation),
            rate: configuration.activationDropout, on: tape)
        return noise.dropout(outer(activated, on: tape), rate: configuration.dropout, on: tape)
    }
}
