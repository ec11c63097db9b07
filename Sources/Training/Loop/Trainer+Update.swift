import Autodiff
import Checkpoints
import Layers
import Speech
import Tensors
import VQWav2Vec

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
        if let last, firstBadParameter != nil { throw nonFinite(last, paths) }
        state.update += 1
        state.position = RunState.Position(loader.position)
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
        throw TrainingError.noUsableRecording(place: "update \(state.update + 1)")
    }

    /// Each recording once, as they are found.
    func warnOfUnusable(_ batch: Batch) throws {
        for recording in batch.unusable where !unusablePaths.contains(recording.path) {
            unusablePaths.append(recording.path)
            try log.warn("skipped: \(recording.problem)", update: state.update + 1)
        }
    }

    /// Each recording once: nothing can be learned from zeros, but they do no harm.
    private func warnOfSilence(_ batch: Batch) throws {
        for recording in batch.silent where silentPaths.insert(recording.path).inserted {
            try log.warn("\(recording.path): \(recording.silence.explanation)", update: state.update + 1)
        }
    }

    /// The first number that is not finite ends the run: the last checkpoint stays as it was.
    /// - Parameters:
    ///   - paths: the recordings that led to it: those of one batch, or of all whose gradients were summed.
    ///   - place: nil for the update that is being made.
    func nonFinite(_ step: TrainingStep, _ paths: [String], in place: String? = nil) -> TrainingError {
        .notFinite(
            place: place ?? "update \(state.update + 1)",
            tensor: firstBadTensor(step) ?? "sum of the gradients", recordings: paths,
            left: folder.hasRun ? folder.last : nil)
    }

    /// The first tensor, in the order of the computation, with a NaN or an infinity: of the forward pass,
    /// else of the gradients; nil where all are finite.
    private func firstBadTensor(_ step: TrainingStep) -> String? {
        if let bad = firstBadParameter { return "parameter \(bad.name)" }
        if let bad = step.tensors.first(where: { $0.tensor.firstNonFinite != nil }) { return bad.name }
        return parameters.first { $0.variable.gradient?.firstNonFinite != nil }.map {
            "gradient of \($0.name)"
        }
    }

    private var firstBadParameter: Parameter? {
        parameters.first { $0.variable.value.firstNonFinite != nil }
    }
}
