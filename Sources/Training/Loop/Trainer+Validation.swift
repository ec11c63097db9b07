import Tensors
import VQWav2Vec

extension Trainer {
    /// The loss on the validation data, in evaluation (no noise, no dropout) and with the same negatives
    /// every time. Saves the best checkpoint where it is the lowest so far.
    ///
    /// Until it is complete it stays due: a stop in its middle leaves it to be made again.
    /// - Throws: `AudioError`; `TrainingError` where a number is not finite or nothing could be read.
    func validate(_ stop: StopSignal) throws {
        guard let loader = try data.validationLoader() else { return state.validationDue = nil }
        stop.announce(
            "leaving the validation after update \(state.update) to --resume; again: stop now, \(whatIsLost)")
        var counter = FigureCounter(configuration.model)
        var utterances = 0
        while let batch = try loader.next() {
            guard !stop.isRequested else { return }
            try warnOfUnusable(batch)
            guard batch.batchSize > 0 else { continue }
            let noise = StepNoise(
                training: false, seed: configuration.training.seed, update: 0, items: batch.ids)
            let output = try model.step(
                batch.tensor, temperature: temperatures.temperature(at: state.update), losses: losses,
                noise: noise, on: Tape(recording: false))
            guard output.loss.value.scalar.isFinite else {
                throw nonFinite(output, batch.paths, in: "validation after update \(state.update)")
            }
            counter.add(output)
            utterances += batch.batchSize
        }
        guard utterances > 0 else {
            throw TrainingError(
                "validation after update \(state.update): none of the recordings can be used; name others with "
                    + "--validation")
        }
        let figures = counter.figures
        validationUsage = counter.usage
        state.validationDue = nil
        let isBest = figures.lossBits < state.bestLoss ?? .infinity
        if isBest {
            state.bestLoss = figures.lossBits
            try save(folder.best)
        }
        try log.report(
            ValidationResult(
                update: state.update, maxUpdates: configuration.training.maxUpdates, utterances: utterances,
                figures: figures, isBest: isBest))
    }
}
