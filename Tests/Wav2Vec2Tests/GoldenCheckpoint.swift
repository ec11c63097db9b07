import Foundation
import GoldenSupport
import Testing
import Wav2Vec2

/// A checkpoint of a case.
struct GoldenCheckpoint: CustomTestStringConvertible, Sendable {
    let golden: GoldenCase
    let name: String

    var testDescription: String { "\(golden.name)/\(name)" }
    var path: String { golden.folder.appendingPathComponent(name).path }
    var isHalf: Bool { name.contains("half") }

    static let all: [GoldenCheckpoint] = GoldenCase.all.flatMap { golden in
        ["checkpoint_cfg.pt", "checkpoint_args.pt", "checkpoint_half.pt", "hf"].map {
            GoldenCheckpoint(golden: golden, name: $0)
        }.filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// The recordings that are as long as the batch, before they were normalised, so loud that the model sees those of the
    /// case: these had 1e-5 added to their variance, to which another ε is in proportion after scaling.
    /// - Parameter model: which may normalise, with an ε of its own (transformers' is 1e-7).
    func waveforms(for model: Wav2Vec2Configuration?) throws -> [(item: Int, samples: [Float])] {
        let extractor = golden.info.normalize ? model?.extractor : nil
        let loudness = Float(((extractor?.normalizationEpsilon ?? 1e-5) / 1e-5).squareRoot())
        let inputs = try golden.tensors("inputs")
        let source = try inputs.tensor(golden.info.normalize ? "source_raw" : "source")
        let count = source.shape[1]
        return golden.info.samples.indices.filter { golden.info.samples[$0] == count }.map {
            ($0, source.values[$0 * count..<($0 + 1) * count].map { sample in loudness * sample })
        }
    }
}
