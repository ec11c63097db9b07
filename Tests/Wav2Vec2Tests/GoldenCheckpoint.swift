import Foundation
import GoldenSupport
import Testing

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

    /// The recordings that are as long as the batch, before they were normalised.
    func waveforms() throws -> [(item: Int, samples: [Float])] {
        let inputs = try golden.tensors("inputs")
        let source = try inputs.tensor(golden.info.normalize ? "source_raw" : "source")
        let count = source.shape[1]
        return golden.info.samples.indices.filter { golden.info.samples[$0] == count }.map {
            ($0, Array(source.values[$0 * count..<($0 + 1) * count]))
        }
    }
}
