import Fairseq
import Foundation
import GoldenSupport
import Layers
import TensorFiles
import Tensors
import Testing
import Wav2Vec2

/// One folder of numbers computed with fairseq: see `Cases/README.md` for the format.
struct GoldenCase: CustomTestStringConvertible, Sendable {
    let name: String
    let folder: URL
    let info: CaseInfo

    var testDescription: String { name }

    /// Those of the tests, and of one more folder.
    static let folders = GoldenFolders.all(beside: #filePath, variable: "VQW2V_GOLDEN_WAV2VEC2_DIR")

    static let all: [GoldenCase] = GoldenFolders.cases(in: folders).map { folder in
        do {
            return try GoldenCase(folder: folder)
        } catch {
            preconditionFailure("\(folder.path): \(error)")
        }
    }

    private init(folder: URL) throws {
        self.folder = folder
        name = folder.lastPathComponent
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        info = try decoder.decode(
            CaseInfo.self, from: Data(contentsOf: folder.appendingPathComponent("case.json")))
    }

    func tensors(_ file: String) throws -> SafetensorsFile {
        try SafetensorsFile(path: folder.appendingPathComponent(file + ".safetensors").path)
    }

    func comparison(_ section: String) throws -> Comparison {
        try Comparison(folder: folder, section: section, tolerances: info.tolerance)
    }

    /// The model with the stored parameters. Every stored tensor must have its place.
    func model() throws -> Wav2Vec2Model {
        let model = try Wav2Vec2Model(
            uninitialized: FairseqConfiguration.wav2vec2(JSONObject(info.model)))
        let file = try tensors("params")
        var unused = Set(file.names).subtracting(model.aliases.map(\.alias))
        for parameter in model.parameters {
            let value = try file.tensor(parameter.name)
            guard value.shape == parameter.fairseqShape else {
                throw GoldenError("\(parameter.name): shape \(value.shape), not \(parameter.fairseqShape)")
            }
            parameter.variable.value.assign(parameter.fromFairseq(value))
            unused.remove(parameter.name)
        }
        guard unused.isEmpty else { throw GoldenError("no such parameters: \(unused.sorted())") }
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
struct CaseInfo: Decodable, Sendable {
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
