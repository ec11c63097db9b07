import Autodiff
import Communication
import Layers
import Speech
import Tensors

extension Trainer {
    /// The loss on the validation data, in evaluation (no noise, no dropout) and with the same negatives
    /// every time. Saves the best checkpoint where it is the lowest so far.
    ///
    /// Until it is complete it stays due: a stop in its middle leaves it to be made again.
    /// - Throws: `AudioError`; `TrainingError` where a number is not finite or nothing could be read.
    func validate(_ stop: StopSignal) throws {
        guard data.validation != nil else {
            state.validationDue = nil
            return
        }
        announce(
            "leaving the validation after update \(state.update) to --resume",
            by: stop)
        var shown: Batch?
        let shares = try communicator.collect(isOfRecording: Self.isOfRecording) {
            try validateShare(stop, shown: &shown)
        }
        for share in shares { try warn(share.findings) }
        guard !shares.contains(where: \.isStopped) else { return }
        let utterances = shares.reduce(0) { $0 + $1.utterances }
        guard utterances > 0 else {
            return try communicator.together {
                throw TrainingError.noUsableRecording(place: "validation after update \(state.update)")
            }
        }
        var counter = model.emptyCounter()
        for batch in shares.flatMap(\.batches).sorted(by: { $0.index < $1.index }) {
            counter.add(batch.sums.map(Double.init(bitPattern:)))
        }
        try complete(counter, utterances: utterances)
        try communicator.together {
            if communicator.isFirst, let shown { try show(shown) }
        }
    }

    /// What a process has found of a validation, every `size`-th batch of which is its own.
    private struct ValidationShare: Codable {
        struct Counted: Codable {
            var index: Int
            /// `FigureCounter.sums`, as bits.
            var sums: [UInt64]
        }

        var batches: [Counted] = []
        var utterances = 0
        var findings = BatchFindings()
        var isStopped = false
    }

    /// - Parameter shown: set to a clip of the first batch.
    private func validateShare(_ stop: StopSignal, shown: inout Batch?) throws -> ValidationShare {
        var share = ValidationShare()
        let loader = try data.validationLoader(from: communicator.rank, of: communicator.size)
        while let batch = try loader?.next() {
            guard !stop.isRequested else {
                share.isStopped = true
                return share
            }
            var found = BatchFindings(batch)
            found.silent = []
            try find(found, &share.findings)
            guard batch.batchSize > 0 else { continue }
            shown = shown ?? batch.clip(seconds: 5, sampleRate: configuration.data.sampleRate)
            let place = StepPlace(update: state.update, index: batch.position.batch, isTraining: false)
            // In float32, as tokens are unless they are asked for otherwise, whatever the precision of updates.
            let step = try model.step(batch, at: place, on: Tape(recording: false))
            guard step.loss.value.scalar.isFinite else {
                throw nonFinite(step, batch.paths, in: "validation after update \(state.update)")
            }
            share.batches.append(
                .init(index: batch.position.batch, sums: step.counter.sums.map(\.bitPattern)))
            share.utterances += batch.batchSize
        }
        return share
    }

    /// Pictures of the model, and of what it makes of a clip, for TensorBoard; the clip's sound once.
    private func show(_ clip: Batch) throws {
        let sampleRate = configuration.data.sampleRate
        var values = try model.pictures(of: clip, sampleRate: sampleRate)
        if !hasShownClip {
            values.append(("clip/audio", .audio(samples: clip.waveforms, sampleRate: sampleRate)))
        }
        hasShownClip = true
        try log.show(values, update: state.update)
    }

    /// Takes over what a whole validation has found. It stays due until its line is in the log.
    private func complete(_ counter: any FigureCounter, utterances: Int) throws {
        let (figures, before) = (counter.figures, state)
        let isBest = figures.lossBits < state.bestLoss ?? .infinity
        model.completeValidation(counter)
        state.validationDue = nil
        do {
            if isBest {
                state.bestLoss = figures.lossBits
                try save(folder.best)
            }
            try communicator.together {
                try log.report(
                    ValidationResult(
                        update: state.update, maxUpdates: configuration.training.maxUpdates,
                        utterances: utterances, figures: figures, isBest: isBest))
            }
        } catch {
            state = before
            throw error
        }
    }
}

extension Batch {
    /// The beginning of the first recording alone.
    fileprivate func clip(seconds: Int, sampleRate: Int) -> Batch {
        var clip = self
        clip.samples = min(lengths[0], seconds * sampleRate)
        clip.waveforms = Array(waveforms.prefix(clip.samples))
        (clip.batchSize, clip.ids, clip.paths) = (1, [ids[0]], [paths[0]])
        (clip.cropStarts, clip.lengths, clip.levels) = (
            [cropStarts[0]], [clip.samples], Array(levels.prefix(1))
        )
        return clip
    }
}
