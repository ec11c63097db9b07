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
        var clips: [Batch] = []
        let shares = try communicator.collect(isOfRecording: Self.isOfRecording) {
            try validateShare(stop, clips: &clips)
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
            if communicator.isFirst { try show(clips) }
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

    /// - Parameter clips: set to the beginnings of its first recordings.
    private func validateShare(_ stop: StopSignal, clips: inout [Batch]) throws -> ValidationShare {
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
            clips += batch.clips(
                Self.clips - clips.count, seconds: 5, sampleRate: configuration.data.sampleRate)
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

    /// Recordings of the validation that TensorBoard shows.
    private static let clips = 3

    /// Pictures of the model, and of what it makes of clips, for TensorBoard; their sound once.
    private func show(_ clips: [Batch]) throws {
        let sampleRate = configuration.data.sampleRate
        var values = model.pictures()
        for (index, clip) in clips.enumerated() {
            if let image = try model.picture(of: clip, sampleRate: sampleRate) {
                values.append(("clip/spectrogram/\(index + 1)", .image(image)))
            }
            if !hasShownClips {
                values.append(
                    ("clip/audio/\(index + 1)", .audio(samples: clip.waveforms, sampleRate: sampleRate)))
            }
        }
        hasShownClips = true
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
    /// The beginnings of its first recordings, as batches of one.
    fileprivate func clips(_ most: Int, seconds: Int, sampleRate: Int) -> [Batch] {
        (0..<min(most, batchSize)).map { row in
            var clip = self
            clip.samples = min(lengths[row], seconds * sampleRate)
            clip.waveforms = Array(waveforms[row * samples..<row * samples + clip.samples])
            (clip.batchSize, clip.ids, clip.paths) = (1, [ids[row]], [paths[row]])
            (clip.cropStarts, clip.lengths) = ([cropStarts[row]], [clip.samples])
            clip.levels = levels.isEmpty ? [] : [levels[row]]
            return clip
        }
    }
}
