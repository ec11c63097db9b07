import Checkpoints
import Foundation
import Layers
import TensorFiles

/// What `inspect` tells of a checkpoint. Properties are the keys of its JSON, in snake_case; what is nil is not known.
struct CheckpointDescription: Encodable {
    struct Data: Encodable {
        let utterances: Int
        let samples: Int
        let sampleRate: Int
        /// Passes over the data that are complete.
        let epoch: Int
    }

    struct Part: Encodable {
        let name: String
        let parameters: Int
    }

    struct Group: Encodable {
        /// Codewords chosen in the last validation.
        let used: Int
        let perplexity: Double
    }

    struct Codebook: Encodable {
        let name: String
        let shape: [Int]
        let groups: Int
        let codewords: Int
        /// Whether all groups have the same.
        let isShared: Bool
        /// In the last validation, by group.
        let usage: [Group]?
    }

    let checkpoint: String
    let format: String
    let program: String
    /// Where the weights come from, where no run of ours is described.
    let origin: CheckpointOrigin?
    /// Updates that the weights were trained for.
    let update: Int?
    /// Of the run; nil for weights and a model alone.
    let maxUpdates: Int?
    let data: Data?
    /// In bits per prediction, of the validation.
    let bestLoss: Double?
    /// The checkpoint whose weights the run began with; nil where they were random, or no run is known.
    let initializedFrom: String?
    let parameters: Int
    let parts: [Part]
    /// Nil for a model without ids, such as plain wav2vec.
    let codebook: Codebook?
    /// As far as the file says it.
    let configuration: JSONValue

    /// - Throws: as `Checkpoint.model()`.
    init(_ file: Checkpoint) throws {
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

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

extension CheckpointDescription {
    /// Lines for people.
    func text() throws -> String {
        var lines = [("checkpoint", checkpoint), ("format", format), ("written by", program)]
        lines += originLines
        lines.append(
            ("update", (update.map { "\($0)" } ?? "unknown") + (maxUpdates.map { " of \($0)" } ?? "")))
        if let data {
            lines.append(
                (
                    "data",
                    "\(grouped(data.utterances)) utterances, \(minutes(data)) minutes, epoch \(data.epoch)"
                ))
            if let bestLoss { lines.append(("best loss", "\(decimal(bestLoss, 4)) bits (validation)")) }
            lines.append(("began with", initializedFrom.map { "the weights of \($0)" } ?? "random weights"))
        } else {
            lines += [("data", "unknown"), ("began with", "unknown")]
        }
        lines.append(("parameters", grouped(parameters)))
        lines += parts.map { ("  " + padded($0.name, 20), grouped($0.parameters)) }
        lines += codebookLines
        let text = lines.map { padded($0, 14) + $1 + "\n" }.joined()
        return text + "configuration\(origin == nil ? "" : " (of the model; nothing is known of a run)")\n"
            + (try configuration.yaml().split(separator: "\n").map { "  \($0)\n" }.joined())
    }

    /// What a file says of another one that its weights were taken from.
    private var originLines: [(String, String)] {
        guard let origin else { return [] }
        var lines: [(String, String)] = []
        if origin.format != format {
            let hash = origin.sha256.map { ", SHA-256 \($0)" } ?? ""
            lines.append(("made from", "\(origin.format), written by \(origin.program)\(hash)"))
        }
        if let hash = origin.checkpointSHA256 { lines.append(("exported from", "SHA-256 \(hash)")) }
        return lines
    }

    /// Why there is no codebook.
    private var lack: String {
        if configuration["family"] == .string(RunConfiguration.hubertFamily) {
            return "HuBERT's units are clusters of its layers"
        }
        return configuration["quantizer.targets"] == .boolean(true)
            ? "fine-tuning took it away" : "the model has no ids"
    }

    private var codebookLines: [(String, String)] {
        guard let codebook else { return [("codebook", "none: \(lack)")] }
        let shape = codebook.shape.map(String.init).joined(separator: " × ")
        let shared = codebook.isShared ? ", one codebook for all groups" : ""
        let line = (
            "codebook",
            "\(codebook.name) [\(shape)]: \(codebook.groups) groups of \(codebook.codewords) codewords\(shared)"
        )
        guard let usage = codebook.usage else {
            let reason = maxUpdates == nil ? "the file does not say" : "the run has not validated yet"
            return [line, ("  usage", "not known: \(reason)")]
        }
        return [line]
            + usage.enumerated().map { index, group in
                (
                    "  group \(index + 1)",
                    "\(group.used) codewords used in the last validation, perplexity "
                        + decimal(group.perplexity, 1)
                )
            }
    }

    private func minutes(_ data: Data) -> String {
        decimal(data.sampleRate == 0 ? 0 : Double(data.samples) / Double(data.sampleRate) / 60, 1)
    }
}
