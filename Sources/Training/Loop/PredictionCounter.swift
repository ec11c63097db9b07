import Checkpoints
import Foundation
import VQWav2Vec

/// Sums what single steps of vq-wav2vec tell.
struct PredictionCounter: FigureCounter {
    private let configuration: ModelConfiguration
    private var lossNats = 0.0
    private var extraNats = 0.0
    private var positives = 0
    private var correct: [Int]
    private var asked: [Int]
    private(set) var usage: CodebookUsage?

    init(_ configuration: ModelConfiguration) {
        self.configuration = configuration
        correct = Array(repeating: 0, count: configuration.prediction.steps)
        asked = correct
        usage = CodebookUsage(configuration.quantizer)
    }

    init(_ configuration: ModelConfiguration, of output: StepOutput) {
        self.init(configuration)
        lossNats = Double(output.predictionLoss.value.scalar)
        extraNats = output.extraLoss
        positives = output.positives
        if let quantization = output.quantization { usage?.add(quantization.noiseFreeIDs) }
        let geometry = output.geometry
        let scores = output.scores.value.values
        for step in 0..<geometry.steps {
            let rows = geometry.rows(step: step)
            asked[step] += rows
            for row in geometry.firstRow(step: step)..<geometry.firstRow(step: step) + rows {
                let start = row * geometry.copies
                let isCorrect = (start + 1..<start + geometry.copies).allSatisfy {
                    scores[$0] < scores[start]
                }
                if isCorrect { correct[step] += 1 }
            }
        }
    }

    var sums: [Double] {
        [lossNats, extraNats, Double(positives)]
            + (correct + asked + (usage?.counts ?? [])).map { Double($0) }
    }

    mutating func add(_ sums: [Double]) {
        let steps = correct.count
        precondition(sums.count == 3 + 2 * steps + (usage?.counts.count ?? 0), "sums of the same model")
        lossNats += sums[0]
        extraNats += sums[1]
        positives += Int(sums[2])
        for step in 0..<steps {
            correct[step] += Int(sums[3 + step])
            asked[step] += Int(sums[3 + steps + step])
        }
        usage?.add(sums: sums[(3 + 2 * steps)...])
    }

    var figures: any TrainingFigures {
        var figures = PredictionFigures(
            lossBits: lossNats / log(2) / Double(positives), chanceBits: configuration.prediction.chanceBits,
            firstStep: configuration.firstStep,
            accuracyPerStep: zip(correct, asked).map { Double($0) / Double($1) })
        if let usage {
            figures.perplexityPerGroup = usage.perplexityPerGroup
            figures.distinctCodesPerGroup = usage.distinctPerGroup
            figures.codebookSize = usage.variables
        }
        if extraNats != 0 {
            let name = configuration.quantizer.kind == .kmeans ? "k-means" : "diversity"
            figures.extraLosses = [.init(name: name, value: extraNats / Double(positives))]
        }
        return figures
    }
}
