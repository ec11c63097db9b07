import Autodiff
import Evaluation
import Foundation
import Layers
import TensorFiles
import Tensors
import Training
import VQWav2Vec

/// How well a model predicts, step by step, with the same negatives every time.
struct PredictionTally: FigureGroup {
    private struct Step {
        var nats = 0.0
        var correct = 0
        var rows = 0
    }

    private let configuration: ModelConfiguration
    private var steps: [Step]
    private var pieces = 0

    init(_ configuration: ModelConfiguration) {
        self.configuration = configuration
        steps = Array(repeating: Step(), count: configuration.prediction.steps)
    }

    /// Predicts within one recording, cut into pieces as in training.
    /// - Parameter longest: samples of a piece.
    /// - Throws: `ModelError`.
    mutating func add(_ samples: [Float], model: Model, longest: Int) throws {
        for start in stride(from: 0, to: samples.count, by: max(longest, 1)) {
            let piece = Array(samples[start..<min(start + longest, samples.count)])
            // Negatives depend on the seed and on this number alone.
            pieces += 1
            guard piece.count >= configuration.minimumTrainingSamples else { continue }
            let output = try model.step(
                Tensor(piece, shape: [1, piece.count]), temperature: 1,
                losses: QuantizerLosses(kmeansWeight: 0, diversityWeight: 0),
                noise: StepNoise(training: false, seed: 0, items: [pieces]), on: Tape(recording: false))
            add(output)
        }
    }

    private mutating func add(_ output: StepOutput) {
        let (geometry, scores) = (output.geometry, output.scores.value)
        let prediction = configuration.prediction
        let weight = prediction.balancedClasses ? 1 / Double(prediction.negatives) : 1
        for step in 0..<geometry.steps {
            let first = geometry.firstRow(step: step)
            for row in first..<first + geometry.rows(step: step) {
                let row = UnsafeBufferPointer(
                    start: scores.pointer + row * geometry.copies, count: geometry.copies)
                let (positive, negatives) = (Double(row[0]), row.dropFirst().map(Double.init))
                let largest = negatives.max() ?? -.infinity
                if positive > largest { steps[step].correct += 1 }
                if prediction.infoNCE {
                    let top = max(positive, largest)
                    let sum = negatives.reduce(exp(positive - top)) { $0 + exp($1 - top) }
                    steps[step].nats += top + log(sum) - positive
                } else {
                    steps[step].nats += negatives.reduce(Self.softplus(-positive)) {
                        $0 + weight * Self.softplus($1)
                    }
                }
            }
            steps[step].rows += geometry.rows(step: step)
        }
    }

    /// ln(1 + eˣ).
    private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

    private var bits: Double {
        let rows = steps.reduce(0) { $0 + $1.rows }
        return rows > 0 ? steps.reduce(0) { $0 + $1.nats } / log(2) / Double(rows) : 0
    }

    private var known: [(ahead: Int, bits: Double, accuracy: Double)] {
        steps.enumerated().filter { $0.element.rows > 0 }.map { index, step in
            (
                configuration.firstStep + index, step.nats / log(2) / Double(step.rows),
                Double(step.correct) / Double(step.rows)
            )
        }
    }

    var json: JSONValue {
        let steps = known.map { ahead, bits, accuracy in
            JSONValue.object([
                ("frames_ahead", .integer(ahead)), ("bits", .number(bits)), ("accuracy", .number(accuracy)),
            ])
        }
        return .object([
            ("bits", .number(bits)), ("chance_bits", .number(configuration.prediction.chanceBits)),
            ("steps", .array(steps)),
        ])
    }

    var lines: [(label: String, value: String)] {
        guard !known.isEmpty else { return [] }
        return [
            (
                "prediction, bits (chance)",
                "\(decimal(bits, 3)) (\(decimal(configuration.prediction.chanceBits, 3)))"
            ),
            ("  by step, bits", known.map { decimal($0.bits, 2) }.joined(separator: " ")),
            ("  by step, accuracy, %", known.map { decimal(100 * $0.accuracy, 0) }.joined(separator: " ")),
        ]
    }
}
