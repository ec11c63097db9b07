import Fairseq
import Foundation
import GoldenSupport
import Layers
import TensorFiles
import Tensors
import Testing
import Training
import VQWav2Vec

/// One folder of numbers computed with fairseq: see `Cases/README.md` for the format.
typealias GoldenCase = StoredCase<CaseInfo>

extension GoldenCase {
    /// The project's cases and those of the folder that `VQW2V_GOLDEN_DIR` names.
    static var all: [GoldenCase] { GoldenFolder.cases }

    /// The model with the stored parameters.
    func model() throws -> Model {
        let model = try Model(FairseqConfiguration.model(JSONObject(info.model)))
        try load(into: model)
        return model
    }

    /// Weights of the extra losses.
    func losses() throws -> QuantizerLosses {
        let weights = info.criterion.lossWeights ?? []
        guard weights.count <= 1 else { throw GoldenError("one extra loss expected, not \(weights)") }
        return QuantizerLosses(kmeansWeight: weights.first ?? 0, diversityWeight: weights.first ?? 0)
    }

    /// The stored negatives in our order: [B, N, T] to [B, T, N].
    func negatives(_ name: String, in file: SafetensorsFile) throws -> [Int32] {
        let shape = try file.entry(name).shape
        let indices = try file.integers(name)
        return (0..<indices.count).map { index in
            let (item, rest) = index.quotientAndRemainder(dividingBy: shape[1] * shape[2])
            let (frame, negative) = rest.quotientAndRemainder(dividingBy: shape[1])
            return Int32(indices[(item * shape[1] + negative) * shape[2] + frame])
        }
    }

    /// A step with the stored noise and negatives.
    func noise(training: Bool, prefix: String = "", in file: SafetensorsFile) throws -> StepNoise {
        let noise = prefix + "gumbel_noise"
        return StepNoise(
            training: training, items: Array(0..<info.batch),
            gumbelNoise: file.contains(noise) ? try file.tensor(noise) : nil,
            negatives: try negatives(prefix + "neg_idx", in: file))
    }
}

/// Where cases are.
enum GoldenFolder {
    static let all = GoldenFolders.all(beside: #filePath, variable: "VQW2V_GOLDEN_DIR")
    static let cases = GoldenCase.cases(in: all)
}

/// What the tests read of `case.json`.
struct CaseInfo: CaseDescription {
    struct Criterion: Decodable, Sendable {
        let infonce: Bool
        let lossWeights: [Double]?
    }
    struct Train: Decodable, Sendable {
        let sampleSize: Int
        let temp: Double?
        let numVars: Int?
        let parametersWithoutGrad: [String]
        let correct: Int?
        let count: Int?
    }
    struct Optimizer: Decodable, Sendable {
        struct Update: Decodable, Sendable {
            let lr: Double
            let temp: Double?
            let sampleSize: Int
        }
        let updates: Int
        let lr, minLr, warmupInitLr: Double
        let warmupUpdates, maxUpdate: Int
        let adamBetas: [Double]
        let adamEps, weightDecay, clipNorm: Double
        let perUpdate: [Update]
    }

    let model: [String: JSONValue]
    let criterion: Criterion
    let batch: Int
    let samples: Int
    let frames: Int
    let offset: Int
    let copies: Int
    let numUpdates: Int
    let train: Train
    let tolerance: [String: Comparison.Tolerance]
    let optim: Optimizer?
}
