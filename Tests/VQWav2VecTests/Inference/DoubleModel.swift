import Foundation
import OperationSupport
import VQWav2Vec

/// A model's frames in double precision: convolution, group norm over all channels and frames, ReLU, log(1 + |x|), and what the
/// quantizer compares.
struct DoubleModel {
    private let model: Model

    init(_ model: Model) { self.model = model }

    private func parameter(_ name: String) -> DoubleParameter { model.parameters.doubles(name) }

    private func convolution(_ index: Int, of x: DoubleFrames) -> DoubleFrames {
        x.convolved(
            parameter("feature_extractor.conv_layers.\(index).0.weight"),
            stride: model.configuration.encoder.layers[index].stride)
    }

    /// The variance of the first convolution's output.
    func firstVariance(_ waveform: [Float]) -> Double {
        convolution(0, of: DoubleFrames(waveform: waveform)).moments.variance
    }

    /// z, [T, C].
    func frames(_ waveform: [Float]) -> DoubleFrames {
        var x = DoubleFrames(waveform: waveform)
        for index in model.configuration.encoder.layers.indices {
            let name = "feature_extractor.conv_layers.\(index).2"
            x = convolution(index, of: x).groupNormalized(
                groups: 1, gain: parameter("\(name).weight"), bias: parameter("\(name).bias")
            ).map { max(0, $0) }
        }
        return x.map { log1p(abs($0)) }
    }

    /// Of each frame, group and codeword; the largest of a group is chosen: logits, or −‖z − E_v‖². [T, G·V].
    func scores(_ waveform: [Float]) -> [Double] {
        let z = frames(waveform)
        let quantizer = model.configuration.quantizer
        guard quantizer.kind == .kmeans else {
            return z.linear(
                parameter("vector_quantizer.weight_proj.weight"),
                bias: parameter("vector_quantizer.weight_proj.bias")
            ).rows.flatMap { $0 }
        }
        let (groups, codebook) = (quantizer.groups, parameter("vector_quantizer.embedding"))
        let (books, width) = (codebook.shape[1], codebook.shape[2])
        let projected = z.linear(parameter("vector_quantizer.projection.0.weight"), groups: groups)
            .groupNormalized(
                groups: groups, gain: parameter("vector_quantizer.projection.1.weight"),
                bias: parameter("vector_quantizer.projection.1.bias"))
        var scores: [Double] = []
        for row in projected.rows {
            for group in 0..<groups {
                for variable in 0..<quantizer.variables {
                    let first = (variable * books + group % books) * width
                    scores.append(
                        -squaredDistance(
                            row[group * width..<(group + 1) * width], codebook[first..<first + width]))
                }
            }
        }
        return scores
    }
}
