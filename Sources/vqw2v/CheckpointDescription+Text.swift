import Checkpoints
import Layers
import TensorFiles

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
