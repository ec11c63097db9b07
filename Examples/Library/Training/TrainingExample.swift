// How another Swift package uses the libraries. The README shows the parts between the marks.
import Autodiff
import Checkpoints
import Foundation
import Layers
import Tensors
import Training
import VQWav2Vec

@main
struct TrainingExample {
    static func main() throws {
        let second = (0..<16_000).map { Float(sin(Double($0) * 0.1)) * 0.1 }
        print(try trainingStep(waveforms: [second, second]))
    }

    // begin step
    /// One training step on recordings of equal length; returns the loss in bits per prediction.
    static func trainingStep(waveforms: [[Float]]) throws -> Double {
        let run = Preset.small.configuration
        let model = try Model(run.model)
        var optimizer = Adam(run.optimizer, parameters: model.parameters)

        let batch = Tensor(waveforms.joined(), shape: [waveforms.count, waveforms[0].count])
        let tape = Tape()
        let step = try model.step(
            batch, temperature: 2, losses: QuantizerLosses(),
            noise: StepNoise(training: true, items: Array(waveforms.indices)), on: tape)
        tape.backward(from: step.loss)
        _ = prepareGradients(model.parameters, positives: step.positives, clipNorm: 0)
        optimizer.update(model.parameters, learningRate: 1e-4)
        return Double(step.predictionLoss.value.scalar) / Double(step.positives) / log(2)
    }
    // end step
}
