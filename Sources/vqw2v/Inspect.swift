import ArgumentParser
import Checkpoints
import Layers
import Training
import VQWav2Vec

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Describe a checkpoint: configuration, parameters, codebook, provenance.")

    @Argument(help: "Checkpoint of vqw2v, or of fairseq (.pt).")
    var checkpoint: String

    func run() throws {
        let checkpoint = try Checkpoint(path: checkpoint)
        let model = try checkpoint.model()
        print("checkpoint    \(checkpoint.path)")
        printProvenance(checkpoint)
        print("parameters    \(grouped(model.parameterCount))")
        for part in model.parts { print("  \(padded(part.name, 20))\(grouped(part.count))") }
        try printCodebook(checkpoint, model)
        print("configuration\(checkpoint.hasRun ? "" : " (of the model; nothing is known of a run)")")
        for line in try checkpoint.configurationYAML().split(separator: "\n") { print("  \(line)") }
    }

    private func printProvenance(_ checkpoint: Checkpoint) {
        let state = checkpoint.state
        print("format        \(checkpoint.format)")
        print("written by    \(checkpoint.program)")
        if let origin = checkpoint.origin {
            if origin.format != checkpoint.format {
                let hash = origin.sha256.map { ", SHA-256 \($0)" } ?? ""
                print("made from     \(origin.format), written by \(origin.program)\(hash)")
            }
            if let hash = origin.checkpointSHA256 { print("exported from SHA-256 \(hash)") }
            print("update        \(checkpoint.updates.map { "\($0)" } ?? "unknown")")
            print("data          unknown")
            print("began with    unknown")
            return
        }
        print("update        \(state.update) of \(checkpoint.configuration.training.maxUpdates)")
        print("data          \(state.data.summary), epoch \(state.position.epoch)")
        if let loss = state.bestLoss { print("best loss     \(decimal(loss, 4)) bits (validation)") }
        print("began with    \(state.initializedFrom.map { "the weights of \($0)" } ?? "random weights")")
    }

    private func printCodebook(_ checkpoint: Checkpoint, _ model: Model) throws {
        guard let quantizer = model.quantizer else {
            print("codebook      none (plain wav2vec)")
            return
        }
        let shape = quantizer.codebook.fairseqShape.map(String.init).joined(separator: " × ")
        let isShared = checkpoint.configuration.model.quantizer.combineGroups
        print(
            "codebook      \(quantizer.codebook.name) [\(shape)]: \(quantizer.groups) groups of "
                + "\(quantizer.variables) codewords\(isShared ? ", one codebook for all groups" : "")")
        guard let usage = try checkpoint.validationUsage() else {
            let reason = checkpoint.hasRun ? "the run has not validated yet" : "the file does not say"
            print("  usage       not known: \(reason)")
            return
        }
        for group in 0..<usage.groups {
            print(
                "  group \(group + 1)     \(usage.distinctPerGroup[group]) codewords used in the last "
                    + "validation, perplexity \(decimal(usage.perplexityPerGroup[group], 1))")
        }
    }
}
