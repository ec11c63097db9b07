import Autodiff
import Benchmark
import Layers
import Measuring
import Tensors
import VQWav2Vec
import Workloads

/// Predictions of 12 steps, their scores against the true frame and ten negatives, and the loss.
func registerPrediction() {
    let (frames, channels) = (935, 512)
    let prediction = PaperModel.configuration().model.prediction
    let geometry = PredictionGeometry(
        batch: 1, frames: frames, predictedSteps: prediction.steps, firstStep: 3,
        negatives: prediction.negatives)
    let scores = geometry.rows * geometry.copies
    let operations = 2 * Double(scores * channels)

    registerLinear(
        "predictions, linear 512 to \(prediction.steps * channels)", rows: frames, inputs: channels,
        outputs: prediction.steps * channels)

    func setup() -> (predictions: Variable, targets: Variable, negatives: [Int32], dy: Tensor) {
        var stream = RandomStream(seed: 1, purpose: .workload)
        return (
            .parameter(PaperModel.tensor([frames, prediction.steps, channels])),
            .parameter(PaperModel.tensor([frames, channels])),
            (0..<frames * prediction.negatives).map { _ in Int32(stream.nextInteger(below: frames)) },
            PaperModel.tensor([geometry.rows, geometry.copies])
        )
    }
    kernel("prediction scores, forward", .operations(operations), setup: setup) { operands, timed in
        let tape = Tape(recording: false)
        timed {
            _ = tape.predictionScores(
                operands.predictions, targets: operands.targets, negatives: operands.negatives,
                geometry: geometry)
        }
    }
    kernel("prediction scores, backward", .operations(2 * operations), setup: setup) { operands, timed in
        let tape = Tape()
        let y = tape.predictionScores(
            operands.predictions, targets: operands.targets, negatives: operands.negatives,
            geometry: geometry)
        timed { tape.backward(from: y, seed: operands.dy) }
        operands.predictions.clearGradient()
        operands.targets.clearGradient()
    }
    let losses: [(String, (Tape, Variable) -> Variable)] = [
        ("binary contrastive loss", { $0.binaryContrastiveLoss($1, negativeWeight: 1) }),
        ("InfoNCE loss", { $0.infoNCELoss($1) }),
    ]
    func setupScores() -> Variable { .parameter(PaperModel.tensor([geometry.rows, geometry.copies])) }
    for (name, loss) in losses {
        kernel("\(name), forward and backward", .floats(3 * scores), setup: setupScores) { scores, timed in
            timed {
                let tape = Tape()
                tape.backward(from: loss(tape, scores))
            }
            scores.clearGradient()
        }
    }
}
