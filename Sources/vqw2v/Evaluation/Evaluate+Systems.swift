import ArgumentParser
import Communication
import Evaluation
import Files

extension Evaluate {
    /// Runs a checkpoint over the recordings, of which each process has a part.
    /// - Returns: also what a baseline is fitted on; source and outcome are the first process's alone.
    func run(
        _ path: String, among communicator: any Communicator
    ) throws -> (CheckpointEvaluation, BaselineOptions.Source?, CheckpointEvaluation.Outcome?) {
        let (evaluation, source, found) = try communicator.together {
            let evaluation = try CheckpointEvaluation(path: path)
            let source =
                evaluation.hasUnits && communicator.isFirst
                ? try baseline.source(for: evaluation.checkpoint.path) : nil
            if communicator.size > 1 { try FoundInputs.requireShared(inputs) }
            let found = try FoundInputs(searching: inputs, naming: names, isTold: communicator.isFirst)
            return (evaluation, source, found)
        }
        let division = try Division(
            found.recordings, sampleRate: evaluation.sampleRate,
            models: { [("a checkpoint", try evaluation.checkpoint.provenance().checkpoint.value())] },
            among: communicator)
        let outcome = try evaluation.run(
            found, division, resample: resample, layers: layers,
            wantsMFCC: communicator.tellAll {
                source != nil || !evaluation.hasUnits && judgesLayers && !baseline.noBaseline
            })
        if let outcome, outcome.failures == found.recordings.count + found.problems {
            printError(errorLine("none of the inputs could be used"))
            throw ExitCode.failure
        }
        return (evaluation, source, outcome)
    }

    /// Adds figures of a checkpoint, and of its baseline.
    /// - Returns: how many inputs could not be used.
    func judge(
        _ path: String, _ truth: EvaluationLabels, _ reports: inout [SystemReport],
        among communicator: any Communicator
    ) throws -> Int {
        let (evaluation, source, outcome) = try run(path, among: communicator)
        guard let outcome else { return 0 }
        let system = outcome.model
        var failures = outcome.failures
        let model = try report(system, truth)
        reports.append(model)
        if !evaluation.hasUnits {
            if !baseline.data.isEmpty { baseline.note(withoutUnits: path, judgesLayers: judgesLayers) }
            guard !outcome.cepstra.isEmpty else { return failures }
            let frames = try Baseline.frames(
                of: Baseline.match(system, outcome.cepstra), sampleRate: evaluation.sampleRate)
            reports.append(try report(frames, truth))
        }
        guard let source, let units = model.units else { return failures }
        let fitted = try Baseline(
            fittedOn: source.recordings, minutes: baseline.minutes, sampleRate: evaluation.sampleRate,
            resample: resample || source.isOfRun, for: path)
        // Recordings of a run that cannot be used are no fault of this command.
        if !source.isOfRun { failures += fitted.failures }
        do {
            let clusters = try fitted.system(
                units: units.units.sequences.usage.used, of: Baseline.match(system, outcome.cepstra),
                changed: outcome.changed, resample: resample, failures: &failures)
            reports.append(try report(clusters, truth))
        } catch let error as EvaluationError where error.isOfFewFrames {
            if source.isOfRun { baseline.note("\(error)") } else { failures += baseline.failure(error) }
        }
        return failures
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
            if baselines[sampleRate] == nil {
                let (cepstra, unusable) = try FoundInputs(searching: inputs, naming: names).cepstra(
                    sampleRate: sampleRate, resample: resample)
                let fitted = try Baseline(
                    fittedOn: baseline.found(), minutes: baseline.minutes, sampleRate: sampleRate,
                    resample: resample, for: system.name)
                baselines[sampleRate] = (fitted, cepstra)
                failures += unusable + fitted.failures
            }
            guard let (fitted, cepstra) = baselines[sampleRate] else { continue }
            let matches = try Baseline.match(system, cepstra)
            let kind = Kind(units: used, sampleRate: sampleRate, names: matches.map(\.name))
            guard made.insert(kind).inserted else { continue }
            do {
                let clusters = try fitted.system(
                    units: used, of: matches, resample: resample, failures: &failures)
                reports.append(try self.report(clusters, truth))
            } catch let error as EvaluationError where error.isOfFewFrames {
                failures += baseline.failure(error)
            }
        }
        return failures
    }
}
