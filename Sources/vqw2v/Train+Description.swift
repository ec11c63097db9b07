import Files
import Foundation
import Tensors
import Training
import VQWav2Vec

extension Train {
    /// What will be trained, on stderr; with --dry-run all there is to say of it, on stdout.
    func describe(_ trainer: Trainer, _ data: TrainingData) throws {
        var text = try trainer.configuration.yaml()
        let parameters = trainer.model.parts.map { "\($0.name) \(grouped($0.count))" }
        text +=
            "model: \(grouped(trainer.model.parts.reduce(0) { $0 + $1.count })) parameters (\(parameters.joined(separator: ", ")))\n"
        if trainer.configuration.training.precision == .bf16 {
            text +=
                BFloat16.instructions.map { "bf16: by \($0.name)\n" }
                ?? missingBFloat16("training.precision = bf16") + "\n"
        }
        text += "data: \(data.summary(validation: validation.map { "\($0)" }))\n"
        guard dryRun else { return printError(text, terminator: "") }
        let seconds = try trainer.trial()
        text += estimate(RunEstimate(trainer.configuration, data: data), trainer, secondsPerSample: seconds)
        try StandardOutput().write(text)
    }

    private func estimate(
        _ estimate: RunEstimate, _ trainer: Trainer, secondsPerSample: Double
    ) -> String {
        let training = trainer.configuration.training
        let largest = estimate.largestBatch
        let perUpdate =
            secondsPerSample * estimate.meanBatchSamples * Double(training.accumulateBatches)
        let updates = training.maxUpdates - trainer.state.update
        return """
            batches: \(grouped(estimate.batchesPerEpoch)) in a pass over the data, the largest \
            \(largest.recordings) × \(grouped(largest.samples)) samples; \(training.accumulateBatches) for each \
            update
            updates: \(grouped(updates)) to make; \(grouped(training.maxUpdates)) are \
            \(decimal(estimate.epochs, 1)) passes over the data
            memory: about \(RunEstimate.gigabytes(estimate.memoryBytes)); \
            \(RunEstimate.gigabytes(Double(ProcessMemory.peakBytes))) were in use after the largest batch
            time: about \(duration(perUpdate * Double(updates))) (\(decimal(perUpdate, 3)) s for each update), \
            without validations
            nothing was written (--dry-run)

            """
    }

    private func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: "\(decimal(seconds, 0)) seconds"
        case ..<7200: "\(decimal(seconds / 60, 0)) minutes"
        case ..<172_800: "\(decimal(seconds / 3600, 1)) hours"
        default: "\(decimal(seconds / 86400, 1)) days"
        }
    }

    /// What to do after the run, as it can be pasted into a shell.
    func nextCommand(_ outcome: Trainer.Outcome, _ trainer: Trainer, _ folder: RunFolder) -> String {
        guard outcome == .finished else {
            var words = ["vqw2v", "train"] + data.map { "\($0)" }
            words += validation.flatMap { ["--validation", "\($0)"] }
            words += ["--output", output, "--resume"]
            if resample { words.append("--resample") }
            if skipUnusable { words.append("--skip-unusable") }
            let line = words.map(shellQuoted).joined(separator: " ")
            return line.count <= 300 ? line : "the same command with --resume, without --preset and --config"
        }
        let isThere = FileManager.default.fileExists(atPath: folder.best)
        let model = shellQuoted(isThere ? folder.best : folder.last)
        return trainer.configuration.units.codebookSize == nil
            ? "vqw2v extract --checkpoint \(model) --layer c --output features RECORDINGS"
            : "vqw2v quantize --checkpoint \(model) RECORDINGS > ids.tsv"
    }

    private func shellQuoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                true
            default: "/._-+=:,@%".utf8.contains(byte)
            }
        }
        if plain && !word.isEmpty { return word }
        return "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
    }
}

extension TrainingData {
    /// What is trained on, validated on and skipped, in one line.
    fileprivate func summary(validation names: [String]) -> String {
        let origin =
            names.isEmpty
            ? "" : " (\(names.prefix(3).joined(separator: ", "))\(names.count > 3 ? ", …" : ""))"
        let held =
            validation.map { ", \(grouped($0.utterances.count)) utterances for validation\(origin)" } ?? ""
        let dropped = training.dropped + (validation?.dropped ?? 0)
        return fingerprint.summary + " in \(training.batchesPerEpoch) batches" + held
            + (dropped > 0 ? "; \(dropped) skipped as too short" : "")
    }
}

/// - Parameter setting: what asks for bf16.
func missingBFloat16(_ setting: String) -> String {
    let name = BFloat16.variable
    if let wanted = ProcessInfo.processInfo.environment[name], !wanted.isEmpty {
        return "note: \(name)=\(wanted) names no instructions of this processor: \(setting) is float32 here"
    }
    return "note: this processor multiplies no bfloat16 (AVX512_BF16, AMX): \(setting) is float32 here"
}
