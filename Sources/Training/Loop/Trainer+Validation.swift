import Autodiff
import Layers
import Tensors
import VQWav2Vec

extension Trainer {
    /// The loss on the validation data, in evaluation (no noise, no dropout) and with the same negatives
    /// every time. Saves the best checkpoint where it is the lowest so far.
    func validate() throws {
        guard let loader = try data.validationLoader() else { return }
        var counter = FigureCounter(configuration.model)
        var utterances = 0
        while let batch = try loader.next() {
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
        let figures = counter.figures
        validationUsage = counter.usage
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
