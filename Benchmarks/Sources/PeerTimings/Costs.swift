import ArgumentParser
import Layers
import Tensors
import VQWav2Vec
import Workloads

/// The roofline's numbers of each work of the table, and of each convolution in it.
struct Costs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Arithmetic and bytes of each work, by which its bound follows from the machine's rates.")

    func run() throws {
        var works: [String: WorkCost] = [:]
        for (kind, batch) in [
            (QuantizerConfiguration.Kind.gumbel, 1), (.gumbel, 2), (.kmeans, 1), (.kmeans, 2),
        ] {
            let key = "update-\(kind.rawValue)-\(batch)"
            works[key] = try TrainingUpdate(kind, batch: batch).cost
            works["bf16-\(key)"] = try TrainingUpdate(kind, batch: batch, precision: .bf16).cost
        }
        let model = PaperModel.configuration().model
        for seconds in [10, 15, 60, 3600] {
            let samples = seconds * PaperModel.sampleRate
            works["tokens-\(seconds)"] = .tokens(model, samples: samples)
            works["bf16-tokens-\(seconds)"] = .tokens(model, samples: samples, precision: .bf16)
        }
        let base = BaseModel.configuration
        for batch in 1...2 {
            works["wav2vec2_update-\(batch)"] = try BaseUpdate(batch: batch).cost
            works["bf16-wav2vec2_update-\(batch)"] = try BaseUpdate(batch: batch, precision: .bf16).cost
        }
        works["wav2vec2_ids-10"] = .tokens(base, samples: 10 * PaperModel.sampleRate)
        works["wav2vec2_contexts-60"] = .contexts(base, samples: 60 * PaperModel.sampleRate)
        try printJSON(Report(works: works, convolutions: convolutions(model)))
    }

    private struct Report: Codable {
        let works: [String: WorkCost]
        let convolutions: [Layer]
    }

    /// Of one crop, in training.
    private struct Layer: Codable {
        let name: String
        let kernel: Int
        let stride: Int
        let algorithm: String
        let direct: Double
        let forward: Double
        let inputGradient: Double
        let weightGradient: Double

        init(_ name: String, input: [Int], _ layer: ConvolutionLayer) {
            let cost = ConvolutionCost(
                input: input, weight: [layer.channels, layer.kernel, input[2]], stride: layer.stride)
            self.name = name
            (kernel, stride, algorithm) = (layer.kernel, layer.stride, cost.algorithm)
            (direct, forward) = (cost.direct, cost.forward)
            (inputGradient, weightGradient) = (cost.inputGradient, cost.weightGradient)
        }
    }

    private func convolutions(_ model: ModelConfiguration) -> [Layer] {
        var layers: [Layer] = []
        var (frames, channels) = (PaperModel.cropSamples, 1)
        for (index, layer) in model.encoder.layers.enumerated() {
            layers.append(Layer("encoder \(index)", input: [1, frames, channels], layer))
            (frames, channels) = ((frames - layer.kernel) / layer.stride + 1, layer.channels)
        }
        for (index, layer) in model.aggregator.layers.enumerated() {
            layers.append(
                Layer("aggregator \(index)", input: [1, frames + layer.kernel - 1, channels], layer))
            channels = layer.channels
        }
        return layers
    }
}
