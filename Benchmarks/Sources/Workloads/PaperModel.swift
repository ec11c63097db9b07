import Checkpoints
import Foundation
import Tensors
import Training
import VQWav2Vec

/// The model at the paper's size (the `fairseq` preset, 34 million parameters), and inputs of its scale.
public enum PaperModel {
    public typealias Kind = QuantizerConfiguration.Kind

    /// Samples of a crop in the paper's training.
    public static let cropSamples = 150_000
    public static let sampleRate = 16_000

    public static func configuration(_ kind: Kind = .gumbel) -> RunConfiguration {
        var run = Preset.fairseq.configuration
        run.model.quantizer.kind = kind
        run.loss.kmeansWeight = kind == .kmeans ? 1 : 0
        return run
    }

    /// Normal noise of standard deviation 0.1: the time does not depend on what is said.
    public static func waveform(samples: Int) -> [Float] {
        var stream = RandomStream(seed: 1, purpose: .workload)
        return (0..<samples).map { _ in 0.1 * stream.nextNormal() }
    }

    /// Standard normal values.
    public static func tensor(_ shape: [Int], seed: Int = 2) -> Tensor {
        let tensor = Tensor(uninitialized: shape)
        Parallel.forEachTile(rows: tensor.count, target: 1 << 16) { tile, range in
            var stream = RandomStream(seed: seed, purpose: .workload, item: tile)
            for index in range { tensor.pointer[index] = stream.nextNormal() }
        }
        return tensor
    }

    /// Weights only, as for tokens: 136 MB.
    public static func writeCheckpoint(_ path: String, model: Model, _ run: RunConfiguration) throws {
        try Checkpoint.write(path, model: model, configuration: run, state: RunState(), optimizer: nil)
    }
}

extension RandomStream.Purpose {
    /// Inputs that are measured with.
    public static let workload = RandomStream.Purpose(9)
}
