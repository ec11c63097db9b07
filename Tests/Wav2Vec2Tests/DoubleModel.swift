import Foundation
import Layers
import OperationSupport
import Wav2Vec2

/// The extractor and the quantizer of a model in double precision: convolutions, group or layer norm, GELU, a layer norm, a
/// linear map.
struct DoubleModel {
    private let model: Wav2Vec2Model

    init(_ model: Wav2Vec2Model) { self.model = model }

    private func parameter(_ name: String) -> DoubleParameter { model.parameters.doubles(name) }

    /// z, [T, C].
    func frames(_ waveform: [Float]) -> DoubleFrames {
        let extractor = model.configuration.extractor
        var x = DoubleFrames(waveform: waveform)
        if extractor.normalizesWaveforms {
            let (mean, variance) = x.moments
            x = x.map { ($0 - mean) / (variance + extractor.normalizationEpsilon).squareRoot() }
        }
        for (index, layer) in extractor.layers.enumerated() {
            let name = "feature_extractor.conv_layers.\(index)"
            x = x.convolved(
                parameter("\(name).0.weight"), bias: extractor.bias ? parameter("\(name).0.bias") : nil,
                stride: layer.stride)
            if extractor.norm == .layer {
                x = x.layerNormalized(
                    gain: parameter("\(name).2.1.weight"), bias: parameter("\(name).2.1.bias"))
            } else if index == 0 {
                x = x.groupNormalized(
                    groups: layer.channels, gain: parameter("\(name).2.weight"),
                    bias: parameter("\(name).2.bias"))
            }
            x = x.map { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) }
        }
        return x.layerNormalized(gain: parameter("layer_norm.weight"), bias: parameter("layer_norm.bias"))
    }

    /// The logits of targets, [T, G·V].
    func logits(_ waveform: [Float]) -> [Double] {
        frames(waveform).linear(
            parameter("quantizer.weight_proj.weight"), bias: parameter("quantizer.weight_proj.bias")
        ).rows.flatMap { $0 }
    }
}
