import Checkpoints
import Foundation
import Wav2Vec2

/// Sums what single steps of wav2vec 2.0 tell.
struct Wav2Vec2Counter: FigureCounter {
    private let configuration: Wav2Vec2Configuration
    private var lossNats = 0.0
    private var diversityNats = 0.0
    private var penaltyNats = 0.0
    private var (positives, correct, frames) = (0, 0, 0)
    private var (negatives, excluded) = (0, 0)
    /// By group, Σ over batches of the perplexity of the mean softmax.
    private var softmaxPerplexities: [Double] = []
    private var batches = 0.0
    private(set) var usage: CodebookUsage?

    init(_ configuration: Wav2Vec2Configuration) {
        self.configuration = configuration
        let quantizer = configuration.quantizer
        usage =
            quantizer.targets || quantizer.inputs
            ? CodebookUsage(groups: quantizer.groups, variables: quantizer.variables) : nil
        softmaxPerplexities = Array(repeating: 0, count: usage?.groups ?? 0)
    }

    init(_ configuration: Wav2Vec2Configuration, of output: Wav2Vec2Step) {
        self.init(configuration)
        lossNats = Double(output.contrastiveLoss.value.scalar)
        (diversityNats, penaltyNats) = (output.diversityLoss, output.penaltyLoss)
        let copies = output.scores.shape[1]
        positives = output.scores.shape[0]
        frames = output.features.shape[0] * output.features.shape[1]
        (negatives, excluded) = (output.excluded.count, output.excluded.count { $0 })
        for row in 0..<positives {
            let scores = UnsafeBufferPointer(
                start: output.scores.value.pointer + row * copies, count: copies)
            // As fairseq counts: where all are equal, nothing was told apart.
            if scores.allSatisfy({ $0 <= scores[0] }), scores.contains(where: { $0 < scores[0] }) {
                correct += 1
            }
        }
        if let reported = output.reported {
            usage?.add(reported.noiseFreeIDs)
            (softmaxPerplexities, batches) = (reported.softmaxPerplexityPerGroup ?? softmaxPerplexities, 1)
        }
    }

    var sums: [Double] {
        let whole = [positives, correct, frames, negatives, excluded] + (usage?.counts ?? [])
        return [lossNats, diversityNats, penaltyNats, batches] + softmaxPerplexities
            + whole.map { Double($0) }
    }

    mutating func add(_ sums: [Double]) {
        let groups = softmaxPerplexities.count
        precondition(sums.count == 9 + groups + (usage?.counts.count ?? 0), "sums of the same model")
        lossNats += sums[0]
        diversityNats += sums[1]
        penaltyNats += sums[2]
        batches += sums[3]
        for group in 0..<groups { softmaxPerplexities[group] += sums[4 + group] }
        let counts = sums[(4 + groups)...].prefix(5).map { Int($0) }
        positives += counts[0]
        correct += counts[1]
        frames += counts[2]
        negatives += counts[3]
        excluded += counts[4]
        usage?.add(sums: sums[(9 + groups)...])
    }

    var figures: any TrainingFigures {
        func share(_ part: Double, of whole: Int) -> Double { part / Double(max(1, whole)) }
        var figures = Wav2Vec2Figures(
            lossBits: share(lossNats, of: positives) / log(2), chanceBits: configuration.chanceBits,
            accuracy: share(Double(correct), of: positives),
            maskedShare: share(Double(positives), of: frames),
            excludedShare: share(Double(excluded), of: negatives))
        figures.diversityBits = share(diversityNats, of: positives) / log(2)
        figures.penaltyBits = share(penaltyNats, of: positives) / log(2)
        if let usage {
            figures.softmaxPerplexityPerGroup = softmaxPerplexities.map { $0 / max(1, batches) }
            figures.perplexityPerGroup = usage.perplexityPerGroup
            figures.codebookSize = usage.variables
        }
        return figures
    }
}
