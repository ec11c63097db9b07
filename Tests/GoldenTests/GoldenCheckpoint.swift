import Checkpoints
import Foundation
import Tensors
import Testing
import Training
import VQWav2Vec

/// One of the `.pt` files that a case may have.
struct GoldenCheckpoint: CustomTestStringConvertible, Sendable {
    let golden: GoldenCase
    /// `checkpoint_args`, `checkpoint_cfg` or `checkpoint_half`.
    let name: String

    var testDescription: String { "\(golden.name) \(name)" }
    var path: String { golden.folder.appendingPathComponent(name + ".pt").path }
    var isHalf: Bool { name == "checkpoint_half" }

    static let all: [GoldenCheckpoint] = GoldenCase.all.flatMap { golden in
        ["checkpoint_args", "checkpoint_cfg", "checkpoint_half"].map {
            GoldenCheckpoint(golden: golden, name: $0)
        }
    }.filter { FileManager.default.fileExists(atPath: $0.path) }

    /// The model, as every command gets it.
    func model() throws -> Model { try Checkpoint(path: path).model() }
}
