import Foundation
import Layers
import VQWav2Vec

/// A model's logits in double precision: convolution, group norm over all channels and frames, ReLU, log(1 + |x|), a linear
/// map. Slow and obvious.
struct DoubleModel {
    private struct Layer {
        /// [C', C, k].
        let weight: [Double]
        let gain: [Double]
        let bias: [Double]
        let (inputs, kernel, stride): (Int, Int, Int)
    }

    private var layers: [Layer] = []
    private let weight: [Double]
    private let bias: [Double]

    init(_ model: Model) {
        func values(_ name: String) -> (shape: [Int], values: [Double]) {
            guard let parameter = model.parameters.first(where: { $0.name == name }) else {
                preconditionFailure("no \(name) among \(model.parameters.map(\.name))")
            }
            let tensor = parameter.toFairseq(parameter.variable.value)
            return (parameter.fairseqShape, tensor.values.map(Double.init))
        }
        for (index, layer) in model.configuration.encoder.layers.enumerated() {
            let name = "feature_extractor.conv_layers.\(index)"
            let (shape, weight) = values("\(name).0.weight")
            layers.append(
                Layer(
                    weight: weight, gain: values("\(name).2.weight").values,
                    bias: values("\(name).2.bias").values,
                    inputs: shape[1], kernel: shape[2], stride: layer.stride))
        }
        weight = values("vector_quantizer.weight_proj.weight").values
        bias = values("vector_quantizer.weight_proj.bias").values
    }

    /// The variance of the first convolution's output.
    func firstVariance(_ waveform: [Double]) -> Double {
        let y = convolve(waveform.map { [$0] }, layers[0]).flatMap { $0 }
        let mean = y.reduce(0, +) / Double(y.count)
        return y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(y.count)
    }

    /// [T, G·V].
    func logits(_ waveform: [Double]) -> [Double] {
        var x = waveform.map { [$0] }
        for layer in layers {
            let y = convolve(x, layer)
            let count = Double(y.count * layer.gain.count)
            let mean = y.reduce(0) { $0 + $1.reduce(0, +) } / count
            let variance = y.reduce(0) { $0 + $1.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } } / count
            x = y.map { frame in
                frame.enumerated().map { c, value in
                    max(0, (value - mean) / (variance + 1e-5).squareRoot() * layer.gain[c] + layer.bias[c])
                }
            }
        }
        return x.flatMap { frame -> [Double] in
            let z = frame.map { log1p(abs($0)) }
            return bias.indices.map { out in
                z.indices.reduce(bias[out]) { $0 + z[$1] * weight[out * z.count + $1] }
            }
        }
    }

    private func convolve(_ x: [[Double]], _ layer: Layer) -> [[Double]] {
        let frames = (x.count - layer.kernel) / layer.stride + 1
        return (0..<frames).map { frame in
            layer.gain.indices.map { out in
                var sum = 0.0
                for c in 0..<layer.inputs {
                    for tap in 0..<layer.kernel {
                        sum +=
                            layer.weight[(out * layer.inputs + c) * layer.kernel + tap]
                            * x[frame * layer.stride + tap][c]
                    }
                }
                return sum
            }
        }
    }
}
