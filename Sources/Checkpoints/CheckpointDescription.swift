import Foundation
import Layers
import TensorFiles

/// What is told of a checkpoint. Properties are the keys of its JSON, in snake_case; what is nil is not known.
package struct CheckpointDescription: Encodable {
    package struct Data: Encodable {
        package let utterances: Int
        package let samples: Int
        package let sampleRate: Int
        /// Passes over the data that are complete.
        package let epoch: Int
    }

    package struct Part: Encodable {
        package let name: String
        package let parameters: Int
    }

    package struct Group: Encodable {
        /// Codewords chosen in the last validation.
        package let used: Int
        package let perplexity: Double
    }

    package struct Codebook: Encodable {
        package let name: String
        package let shape: [Int]
        package let groups: Int
        package let codewords: Int
        /// Whether all groups have the same.
        package let isShared: Bool
        /// In the last validation, by group.
        package let usage: [Group]?
    }

    package let checkpoint: String
    package let format: String
    package let program: String
    /// Where the weights come from, where no run of ours is described.
    package let origin: CheckpointOrigin?
    /// Updates that the weights were trained for.
    package let update: Int?
    /// Of the run; nil for weights and a model alone.
    package let maxUpdates: Int?
    package let data: Data?
    /// In bits per prediction, of the validation.
    package let bestLoss: Double?
    /// The checkpoint whose weights the run began with; nil where they were random, or no run is known.
    package let initializedFrom: String?
    package let parameters: Int
    package let parts: [Part]
    /// Where frames of z, and so those of the ids, lie in recordings.
    package let frames: FrameTiming
    /// Nil for a model without ids, such as plain wav2vec.
    package let codebook: Codebook?
    /// As far as the file says it.
    package let configuration: JSONValue

    /// - Throws: as `Checkpoint.model()`.
    package init(_ file: Checkpoint) throws {
        let state = file.state
        let (model, stored) = try file.storedModel()
        checkpoint = file.path
        (format, program, origin, update) = (file.format, file.program, file.origin, file.updates)
        maxUpdates = file.hasRun ? file.configuration.training.maxUpdates : nil
        data =
            file.hasRun
            ? Data(
                utterances: state.data.utterances, samples: state.data.samples,
                sampleRate: state.data.sampleRate,
                epoch: state.position.epoch) : nil
        (bestLoss, initializedFrom) = (state.bestLoss, state.initializedFrom)
        parameters = stored.reduce(0) { $0 + $1.count }
        parts = stored.map { Part(name: $0.name, parameters: $0.count) }
        frames = file.configuration.units.timing(of: .z, sampleRate: file.configuration.data.sampleRate)
        let usage = try file.validationUsage()
        let isHeld = (try? file.requireCodebook()) != nil
        codebook = (isHeld ? model.tokenQuantizer : nil).map { quantizer in
            Codebook(
                name: quantizer.codebook.name, shape: quantizer.codebook.fairseqShape,
                groups: quantizer.groups,
                codewords: quantizer.variables, isShared: quantizer.sharesCodebook,
                usage: usage.map { usage in
                    zip(usage.distinctPerGroup, usage.perplexityPerGroup).map(Group.init)
                })
        }
        configuration = file.statedConfiguration
    }

    /// A description as JSON with sorted keys.
    package static func json(_ description: some Encodable) throws -> String {
        String(decoding: try JSONEncoder.figures.document(description), as: UTF8.self)
    }
}
