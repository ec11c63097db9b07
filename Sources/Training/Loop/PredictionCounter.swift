import Checkpoints
import Foundation
import Tensors
import VQWav2Vec

/// Sums what single steps of vq-wav2vec tell.
struct PredictionCounter: FigureCounter {
    private let configuration: ModelConfiguration
    private var lossNats = 0.0
    private var extraNats = 0.0
    private var positives = 0
    private var correct: [Int]
    private var asked: [Int]
    /// The prediction loss by step; zeros where only training was counted.
    private var nats: [Double]
    private(set) var usage: CodebookUsage?

    init(_ configuration: ModelConfiguration) {
        self.configuration = configuration
        correct = Array(repeating: 0, count: configuration.prediction.steps)
        asked = correct
        nats = Array(repeating: 0, count: configuration.prediction.steps)
        usage = CodebookUsage(configuration.quantizer)
    }

    /// - Parameter isTraining: leaves out the loss by step, which takes time.
    init(_ configuration: ModelConfiguration, of output: StepOutput, isTraining: Bool) {
        self.init(configuration)
        lossNats = Double(output.predictionLoss.value.scalar)
        extraNats = output.extraLoss
        positives = output.positives
        if let quantization = output.quantization { usage?.add(quantization.noiseFreeIDs) }
        let geometry = output.geometry
        let scores = output.scores.value
        for step in 0..<geometry.steps {
            let rows = geometry.rows(step: step)
            asked[step] += rows
            for row in geometry.firstRow(step: step)..<geometry.firstRow(step: step) + rows {
                let scores = UnsafeBufferPointer(
                    start: scores.pointer + row * geometry.copies, count: geometry.copies)
                if scores.dropFirst().allSatisfy({ $0 < scores[0] }) { correct[step] += 1 }
                if !isTraining { nats[step] += configuration.prediction.loss(scores) }
            }
        }
    }

    var sums: [Double] {
        [lossNats, extraNats, Double(positives)] + nats
            + (correct + asked + (usage?.counts ?? [])).map { Double($0) }
    }

    mutating func add(_ sums: [Double]) {
        let steps = correct.count
        precondition(sums.count == 3 + 3 * steps + (usage?.counts.count ?? 0), "sums of the same model")
        lossNats += sums[0]
        extraNats += sums[1]
        positives += Int(sums[2])
        for step in 0..<steps {
            nats[step] += sums[3 + step]
            correct[step] += Int(sums[3 + steps + step])
            asked[step] += Int(sums[3 + 2 * steps + step])
        }
        usage?.add(sums: sums[(3 + 3 * steps)...])
    }

    var figures: any TrainingFigures {
        var figures = PredictionFigures(
            lossBits: lossNats / log(2) / Double(positives), chanceBits: configuration.prediction.chanceBits,
            firstStep: configuration.firstStep,
            accuracyPerStep: zip(correct, asked).map { Double($0) / Double($1) })
        if nats.contains(where: { $0 != 0 }) {
            figures.lossBitsPerStep = zip(nats, asked).map { $0 / log(2) / Double($1) }
        }
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

extension PredictionConfiguration {
    /// The loss of one prediction in nats, as `Tape.binaryContrastiveLoss` and `infoNCELoss` sum it up.
    /// - Parameter scores: [1 + N], the true frame first.
    fileprivate func loss(_ scores: UnsafeBufferPointer<Float>) -> Double {
        let positive = Double(scores[0])
        guard infoNCE else {
            let weight = balancedClasses ? 1 / Double(negatives) : 1
            return scores.dropFirst().reduce(softplus(-positive)) { $0 + weight * softplus(Double($1)) }
        }
        let largest = Double(scores.max() ?? 0)
        return largest + log(scores.reduce(0) { $0 + exp(Double($1) - largest) }) - positive
    }

    /// ln(1 + eˣ).
    private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
