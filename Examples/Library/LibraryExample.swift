// How another Swift package uses the libraries. The README shows the parts between the marks.
import Autodiff
import Checkpoints
import Foundation
import Layers
import Tensors
import Training
import VQWav2Vec

@main
struct LibraryExample {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let path = arguments.first else {
            print("usage: library-example CHECKPOINT")
            return
        }
        let second = (0..<16_000).map { Float(sin(Double($0) * 0.1)) * 0.1 }
        print(try tokens(checkpoint: path, waveform: second).ids.prefix(8))
        print(try trainingStep(waveforms: [second, second]))
    }

    // begin tokens
    /// The ids of one recording: 16 kHz samples in [-1, 1].
    static func tokens(checkpoint path: String, waveform: [Float]) throws -> TokenSequence {
        let model = try Checkpoint(path: path).inferenceModel()
        return try model.quantize(waveform)
    }
    // end tokens

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
