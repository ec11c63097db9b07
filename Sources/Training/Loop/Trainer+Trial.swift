import Autodiff
import Speech
import Tensors

extension Trainer {
    /// Makes the passes of an update over the largest batch, to see what they take. Nothing is changed by it and
    /// nothing written.
    /// - Returns: seconds for each sample of a batch.
    /// - Throws: `AudioError` for a recording that cannot be used; `ModelError`.
    public func trial() throws -> Double {
        let batches = data.training.batches(epoch: 0)
        let largest = batches.max { $0.utterances.count * $0.samples < $1.utterances.count * $1.samples }
        guard let largest else { return 0 }
        let batch = try data.batch(largest)
        guard batch.batchSize > 0 else { return 0 }
        let clock = ContinuousClock()
        // The first pass takes its memory from the system, as no later one does.
        let first = try clock.measure { try pass(batch) }
        let second = first > .seconds(20) ? first : try clock.measure { try pass(batch) }
        let seconds: Double = second / .seconds(1)
        return seconds / Double(batch.waveforms.count)
    }

    private func pass(_ batch: Batch) throws {
        let tape = Tape(precision: configuration.training.precision)
        let step = try model.step(batch, at: StepPlace(update: 0, index: 0, isTraining: true), on: tape)
        tape.backward(from: step.loss)
        for parameter in parameters { parameter.variable.clearGradient() }
    }
}
