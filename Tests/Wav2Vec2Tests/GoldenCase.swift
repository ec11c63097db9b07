import Fairseq
import Foundation
import GoldenSupport
import Layers
import TensorFiles
import Tensors
import Testing
import Wav2Vec2

/// One folder of numbers computed with fairseq: see `Cases/README.md` for the format.
typealias GoldenCase = StoredCase<CaseInfo>

/// Where cases are.
enum GoldenFolder {
    /// Those of the tests, and one more folder.
    static let all = GoldenFolders.all(beside: #filePath, variable: "VQW2V_GOLDEN_WAV2VEC2_DIR")
    static let cases = GoldenCase.cases(in: all)
}

extension GoldenCase {
    static var all: [GoldenCase] { GoldenFolder.cases }

    /// The model with the stored parameters.
    func model() throws -> Wav2Vec2Model {
        let model = try Wav2Vec2Model(
            uninitialized: FairseqConfiguration.wav2vec2(JSONObject(info.model)))
        try load(into: model)
        return model
    }

    /// Weights as fairseq's criterion reads them: one number stands for both terms, and without any quantizer there is
    /// the penalty alone.
    func losses(_ model: Wav2Vec2Model) throws -> Wav2Vec2Losses {
        let weights = info.criterion.lossWeights ?? [0]
        let hasQuantizer = model.quantizer != nil || model.inputQuantizer != nil
        guard let first = weights.first, let last = weights.last, weights.count <= (hasQuantizer ? 2 : 1)
        else {
            throw GoldenError("loss weights \(weights)")
        }
        return Wav2Vec2Losses(diversityWeight: hasQuantizer ? first : 0, penaltyWeight: last)
    }

    /// Samples of each item, where some are padded.
    func paddedSamples() throws -> [Int]? {
        try tensors("inputs").contains("padding_mask") ? info.samples : nil
    }
}

/// What the tests read of `case.json`.
struct CaseInfo: CaseDescription {
    struct Criterion: Decodable, Sendable {
        let infonce: Bool
        let lossWeights: [Double]?
    }
    struct Section: Decodable, Sendable {
        let sampleSize, correct, count: Int
        let temp: Double?
        let numVars: Int?
        let parametersWithoutGrad: [String]?
    }
    struct Count: Decodable, Sendable { let eval, train: Int }
    struct Optimizer: Decodable, Sendable {
        struct Update: Decodable, Sendable {
            let update, sampleSize: Int
            let correct: Int?
            let lr: Double
            let temp: Double?
        }
        let updates: Int
        let lr: Double
        let endLearningRate, power: Double?
        let warmupUpdates, maxUpdate: Int
        let adamBetas: [Double]
        let adamEps, weightDecay, clipNorm: Double
        let perUpdate: [Update]
    }

    let model: [String: JSONValue]
    let criterion: Criterion
    let normalize: Bool
    let batch, frames, masked: Int
    let samples, frameLengths: [Int]
    let train, eval: Section
    let equalToPositive: Count
    let maskDraws: [[StoredDraw]]
    let maskChannelDraws: [[StoredDraw]]?
    let tolerance: [String: Comparison.Tolerance]
    let optim: Optimizer?
}
