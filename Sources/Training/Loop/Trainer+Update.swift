import Speech
import Tensors

/// What one update was made with.
struct UpdateReport {
    /// Samples that were trained on.
    var samples = 0
    var schedules: [ScheduleValue] = []
    var learningRate = 0.0
    /// After the division by the number of positives, before clipping.
    var gradientNorm = 0.0
}

extension Trainer {
    /// One update: forward and backward over `training.accumulate_batches` batches, then Adam.
    func update(_ loader: BatchLoader, counter: inout any FigureCounter) throws -> UpdateReport {
        var report = UpdateReport()
        report.schedules = model.schedules(at: state.update)
        report.learningRate = learningRates.rate(at: state.update)
        for parameter in parameters { parameter.variable.clearGradient() }
        var positives = 0
        var last: TrainingStep?
        var paths: [String] = []
        for index in 0..<configuration.training.accumulateBatches {
            guard let batch = try nextBatch(loader) else { break }
            try warnOfSilence(batch)
            if index == 0, state.update == 0, state.initializedFrom == nil { model.begin(on: batch) }
            let tape = Tape()
            let step = try model.step(
                batch, at: StepPlace(update: state.update, index: index, isTraining: true), on: tape)
            guard step.loss.value.scalar.isFinite else { throw nonFinite(step, batch.paths) }
            tape.backward(from: step.loss)
            positives += step.positives
            report.samples += batch.waveforms.count
            counter.add(step.counter)
            last = step
            paths += batch.paths
        }
        report.gradientNorm = prepareGradients(
            parameters, positives: positives, clipNorm: configuration.optimizer.clipNorm)
        if let last, !report.gradientNorm.isFinite { throw nonFinite(last, paths) }
        adam.update(parameters, learningRate: report.learningRate)
        // Here and not in the next update, which may come after a save.
        if let last, FiniteCheck.firstBadParameter(parameters) != nil { throw nonFinite(last, paths) }
        state.update += 1
        state.position = loader.position
        for note in model.completeUpdate(state.update) { log.note(note) }
        return report
    }

    /// The next batch that has recordings left: those that cannot be used may be passed over.
    /// - Throws: `TrainingError` where a whole epoch has none.
    private func nextBatch(_ loader: BatchLoader) throws -> Batch? {
        for _ in 0...data.training.batchesPerEpoch {
            guard let batch = try loader.next() else { return nil }
            try warnOfUnusable(batch)
            if batch.batchSize > 0 { return batch }
        }
        throw TrainingError("update \(state.update + 1): none of the recordings can be used; name others")
    }

    /// Each recording once, as they are found.
    func warnOfUnusable(_ batch: Batch) throws {
        for recording in batch.unusable where !unusablePaths.contains(recording.path) {
            unusablePaths.append(recording.path)
            try log.warn("left out: \(recording.problem)", update: state.update + 1)
        }
    }

    /// Each recording once: nothing can be learned from zeros, but they do no harm.
    private func warnOfSilence(_ batch: Batch) throws {
        for path in batch.silentPaths where silentPaths.insert(path).inserted {
            try log.warn(
                "\(path): every sample is zero: nothing is learned from it, leave it out",
                update: state.update + 1)
        }
    }

    /// The first number that is not finite ends the run: the last checkpoint stays as it was.
    /// - Parameters:
    ///   - paths: the recordings that led to it: those of one batch, or of all whose gradients were summed.
    ///   - place: nil for the update that is being made.
    func nonFinite(_ step: TrainingStep, _ paths: [String], in place: String? = nil) -> TrainingError {
        let tensor = FiniteCheck.firstBadTensor(step, parameters: parameters) ?? "sum of the gradients"
        let place = place ?? "update \(state.update + 1)"
        let restart = "with a lower schedule.learning_rate or with optimizer.clip_norm"
        let wayOut =
            folder.hasRun
            ? "\(folder.last) is as it was saved last. Leave out recordings that are damaged, or begin a new "
                + "run \(restart), from its weights by --init-from"
            : "nothing was saved yet. Leave out recordings that are damaged, or begin anew \(restart)"
        return TrainingError(
            "\(place): \(tensor) is not finite, in a batch of \(Self.summary(paths)); \(wayOut)")
    }

    /// The recordings by name.
    private static func summary(_ paths: [String]) -> String {
        let names = paths.prefix(8).joined(separator: ", ")
        return paths.count > 8 ? "\(paths.count) recordings (\(names), …)" : names
    }
}
