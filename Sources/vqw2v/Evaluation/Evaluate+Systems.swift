import ArgumentParser
import Evaluation
import Files

extension Evaluate {
    /// Adds figures of a checkpoint, and of its baseline.
    /// - Returns: how many inputs could not be used.
    func judge(
        _ path: String, _ truth: EvaluationLabels, _ reports: inout [SystemReport]
    ) throws -> Int {
        let evaluation = try CheckpointEvaluation(path: path)
        let source = evaluation.hasUnits ? baseline.source(for: path) : nil
        let found = try FoundInputs(searching: inputs, naming: names)
        let (system, cepstra, failures) = try evaluation.run(
            found, resample: resample, layers: layers, wantsMFCC: source != nil)
        guard failures < found.recordings.count + found.problems else {
            printError(errorLine("none of the inputs could be used"))
            throw ExitCode.failure
        }
        let model = try report(system, truth)
        reports.append(model)
        guard let source, let units = model.units else { return failures }
        let fitted = try Baseline(
            fittedOn: source.paths, minutes: baseline.minutes, sampleRate: evaluation.sampleRate,
            resample: resample || source.isOfRun, for: path)
        do {
            let clusters = try fitted.system(
                units: units.units.sequences.usage.used, like: system.units, path: path, cepstra)
            reports.append(try report(clusters, truth))
        } catch EvaluationError.tooFewFrames(let frames, let clusters) where source.isOfRun {
            baseline.note("\(EvaluationError.tooFewFrames(frames, clusters: clusters))")
        }
        return failures + (source.isOfRun ? 0 : fitted.failures)
    }

    /// Adds baselines of token files, judged on the recordings that are named.
    /// - Returns: how many inputs could not be used.
    func addBaselines(
        of systems: [CheckpointEvaluation.System], _ truth: EvaluationLabels, _ reports: inout [SystemReport]
    ) throws -> Int {
        struct Kind: Hashable { let units, sampleRate: Int, names: [ByteString] }
        var (failures, made) = (0, Set<Kind>())
        var baselines: [Int: (Baseline, cepstra: [ByteString: Baseline.Cepstra])] = [:]
        for (system, report) in zip(systems, reports) {
            guard let used = report.units?.units.sequences.usage.used else { continue }
            let sampleRate = system.centres.sampleRate
            let kind = Kind(units: used, sampleRate: sampleRate, names: system.units.map(\.name))
            guard made.insert(kind).inserted else { continue }
            if baselines[sampleRate] == nil {
                let (cepstra, unusable) = try FoundInputs(searching: inputs, naming: names).cepstra(
                    sampleRate: sampleRate, resample: resample)
                let fitted = try Baseline(
                    fittedOn: baseline.data, minutes: baseline.minutes, sampleRate: sampleRate,
                    resample: resample, for: system.name)
                baselines[sampleRate] = (fitted, cepstra)
                failures += unusable + fitted.failures
            }
            guard let (fitted, cepstra) = baselines[sampleRate] else { continue }
            reports.append(
                try self.report(
                    fitted.system(units: used, like: system.units, path: system.name, cepstra), truth))
        }
        return failures
    }
}
