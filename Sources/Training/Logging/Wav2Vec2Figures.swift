import Foundation

/// How well a model of wav2vec 2.0 tells masked frames apart, and how much of its codebooks it uses, over some audio.
public struct Wav2Vec2Figures: TrainingFigures, Equatable {
    /// Contrastive loss per masked frame, in bits.
    public var lossBits: Double
    /// log₂ of the number of candidates: the loss where all scores are equal.
    public var chanceBits: Double
    /// Share of masked frames whose own target scores highest.
    public var accuracy: Double
    /// Of all frames.
    public var maskedShare: Double
    /// Share of the negatives that equal their positive.
    public var excludedShare: Double
    /// The diversity loss per masked frame, weighted, in bits.
    public var diversityBits = 0.0
    /// The penalty of large features, likewise.
    public var penaltyBits = 0.0
    /// Of the mean softmax, all groups together, from G to G·V; 0 without a quantizer.
    public var softmaxPerplexity = 0.0
    /// 2 to the entropy of the codewords, from 1 to V, by group; empty without a quantizer.
    public var perplexityPerGroup: [Double] = []
    /// V; 0 without a quantizer.
    public var codebookSize = 0

    public init(
        lossBits: Double, chanceBits: Double, accuracy: Double, maskedShare: Double, excludedShare: Double
    ) {
        (self.lossBits, self.chanceBits, self.accuracy) = (lossBits, chanceBits, accuracy)
        (self.maskedShare, self.excludedShare) = (maskedShare, excludedShare)
    }

    public var fields: [FigureField] {
        let loss = String(format: "%.2f bits (chance %.2f)", lossBits, chanceBits)
        var fields = [
            FigureField("loss \(loss)", short: loss),
            FigureField(String(format: "acc %.1f %%", 100 * accuracy)),
        ]
        if !perplexityPerGroup.isEmpty {
            let codes = perplexityPerGroup.map { String(format: "%.1f", $0) }.joined(separator: "+")
            fields.append(
                FigureField(
                    String(format: "ppl \(codes)/\(codebookSize) softmax %.0f", softmaxPerplexity),
                    short: "ppl \(codes)"))
        }
        return fields
    }

    public var details: [(label: String, value: String)] {
        [
            ("accuracy, %", String(format: "%.1f", 100 * accuracy)),
            ("equal negatives, %", String(format: "%.1f", 100 * excludedShare)),
        ]
    }

    public var minorFields: [FigureField] {
        [
            FigureField(String(format: "diversity %.3g", diversityBits)),
            FigureField(String(format: "penalty %.3g", penaltyBits)),
            FigureField(
                String(
                    format: "equal negatives %.1f %%, masked %.0f %%", 100 * excludedShare,
                    100 * maskedShare)),
        ]
    }
}

/// Notices the two ways in which wav2vec 2.0 stops learning, and says what helps.
struct Wav2Vec2CollapseWarning {
    private enum Collapse {
        /// All scores are equal: the features have become nothing.
        case equalScores
        /// Each group has one codeword left: all negatives equal their positives, and are left out of the loss.
        case oneCodeword
    }

    /// Lines of the log in a row with the same one.
    private var lines = 0
    private var last: Collapse?
    private var hasWarned = false

    /// Lines in a row before a warning: the first updates of a good run can look bad too.
    private static let patience = 3

    private func collapse(_ figures: Wav2Vec2Figures) -> Collapse? {
        let groups = Double(figures.perplexityPerGroup.count)
        if groups > 0, figures.perplexityPerGroup.reduce(0, +) < 1.05 * groups,
            figures.lossBits < 0.1 * figures.chanceBits
        {
            return .oneCodeword
        }
        let isFlat =
            groups == 0
            || figures.softmaxPerplexity > 0.999 * groups * Double(figures.codebookSize)
        return isFlat && abs(figures.lossBits - figures.chanceBits) < 0.002 * figures.chanceBits
            ? .equalScores : nil
    }

    /// Takes the figures of one line of the log.
    /// - Returns: a warning in one line, once for each collapse; after a recovery the next one is told again.
    mutating func observe(_ figures: Wav2Vec2Figures) -> String? {
        let now = collapse(figures)
        guard let now else {
            (lines, last, hasWarned) = (0, nil, false)
            return nil
        }
        (lines, hasWarned) = now == last ? (lines + 1, hasWarned) : (1, false)
        last = now
        guard lines >= Self.patience, !hasWarned else { return nil }
        hasWarned = true
        switch now {
        case .equalScores:
            return String(
                format:
                    "collapse: the loss stands at log2(1 + negatives) = %.2f bits, all scores are equal; try a "
                    + "lower schedule.learning_rate, extractor.norm=layer with loss.penalty_weight=0; see docs/collapse.md",
                figures.chanceBits)
        case .oneCodeword:
            return
                "collapse: one codeword per group, so that every negative equals its positive and the loss says "
                + "nothing; try a higher loss.diversity_weight, a lower schedule.learning_rate; see docs/collapse.md"
        }
    }
}
