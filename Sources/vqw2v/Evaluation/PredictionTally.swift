import Autodiff
import Checkpoints
import Evaluation
import Files
import Foundation
import Speech
import TensorFiles
import Training

/// How well a model predicts on whole recordings, cut into pieces as in training: what a validation tells, with the same
/// masks and negatives every time.
struct PredictionTally {
    private let model: any TrainableModel
    private let configuration: RunConfiguration
    private var counter: any FigureCounter
    private var isEmpty = true

    /// - Throws: `CheckpointError`.
    init(_ checkpoint: Checkpoint) throws {
        var configuration = checkpoint.configuration
        // Masks and negatives are then the same for all models.
        configuration.training.seed = 0
        self.configuration = configuration
        model = try checkpoint.trainableModel(configuration)
        counter = model.emptyCounter()
    }

    /// Predicts within one recording. Pieces without a prediction are left out.
    /// - Returns: what each piece counts, to be added in order.
    /// - Throws: `ModelError`.
    func sums(_ samples: [Float], of recording: Recording) throws -> [[Double]] {
        let longest = max(configuration.data.maxSampleSize, 1)
        let level = SampleLevel(of: samples)
        return try stride(from: 0, to: samples.count, by: longest).enumerated().compactMap { index, start in
            // What is drawn depends on this number alone, so on the recording's name and not on the others.
            var digest = ListDigest()
            digest.add(recording.name.bytes)
            digest.endPart()
            digest.add("\(index)".utf8)
            let piece = Batch(
                Array(samples[start..<min(start + longest, samples.count)]), id: digest.number,
                path: recording.path, level: level)
            guard piece.samples >= configuration.minimumTrainingSamples else { return nil }
            let step = StepPlace(update: 0, index: 0, isTraining: false)
            return try model.step(piece, at: step, on: Tape(recording: false)).counter.sums
        }
    }

    mutating func add(_ sums: [[Double]]) {
        for piece in sums { counter.add(piece) }
        isEmpty = isEmpty && sums.isEmpty
    }

    /// Nil for an utterance without a prediction.
    func ofUtterance(_ sums: [[Double]], seconds: Double) -> UtterancePrediction? {
        guard !sums.isEmpty else { return nil }
        var counter = model.emptyCounter()
        for piece in sums { counter.add(piece) }
        let figures = counter.figures
        return UtterancePrediction(seconds: seconds, bits: figures.lossBits, accuracy: figures.accuracy)
    }

    /// Nil where every piece was too short.
    var figures: (any FigureGroup)? { isEmpty ? nil : Figures(figures: counter.figures) }

    private struct Figures: FigureGroup {
        let figures: any TrainingFigures

        /// Under the names of `log.jsonl`.
        var json: JSONValue {
            let data = try? JSONEncoder.figures.encode(figures)
            return data.flatMap { try? $0.withUnsafeBytes { try JSONValue(parsing: $0) } } ?? .null
        }

        var lines: [(label: String, value: String)] {
            [
                (
                    "prediction, bits (chance)",
                    "\(decimal(figures.lossBits, 3)) (\(decimal(figures.chanceBits, 3)))"
                )
            ]
                + figures.details.map { ("  " + $0.label, $0.value) }
        }
    }
}
