import Foundation

/// Notices the two ways in which wav2vec 2.0 stops learning, and says what helps.
public struct Wav2Vec2CollapseWarning: Sendable {
    private enum Collapse {
        /// All scores are equal, and no gradient is left to change that: what remains is the noise of what is drawn.
        case equalScores
        /// Hardly more than one codeword is left: most negatives equal their positives, and are left out of the loss.
        case oneCodeword
    }

    /// Lines of the log in a row with the same one.
    private var lines = 0
    private var last: Collapse?
    private var hasWarned = false

    /// Lines in a row before a warning: the first updates of a good run can look bad too.
    private static let patience = 3

    /// Share of chance by which the loss of equal scores may differ from that of its mean number of negatives.
    private static let tolerance = 0.02
    /// A gradient norm that is nothing: runs that learn have a hundred times as much and more.
    private static let vanishing = 1e-3
    /// Of G·V: a softmax perplexity from here on means that the logits are equal, so that no frame is told from another.
    private static let flatness = 0.9999

    public init() {}

    private func collapse(_ figures: Wav2Vec2Figures, gradientNorm: Double) -> Collapse? {
        let groups = Double(figures.perplexityPerGroup.count)
        // Of few combinations some negatives are always equal, also where all are alike.
        let usual = groups > 0 ? pow(Double(figures.codebookSize), -groups) : 1
        if figures.excludedShare > usual + (1 - usual) / 2 { return .oneCodeword }
        // Negatives that equal their positive are left out.
        let negatives = (exp2(figures.chanceBits) - 1) * (1 - figures.excludedShare)
        guard abs(figures.lossBits - log2(1 + negatives)) < Self.tolerance * figures.chanceBits else {
            return nil
        }
        let isFlat =
            groups > 0
            && figures.softmaxPerplexityPerGroup.reduce(0, +)
                > Self.flatness * groups * Double(figures.codebookSize)
        return isFlat || gradientNorm < Self.vanishing ? .equalScores : nil
    }

    /// Takes the figures of one line of the log, and the norm of the gradient in the last update.
    /// - Returns: a warning in one line, once for each collapse; after a recovery the next one is told again.
    public mutating func observe(_ figures: Wav2Vec2Figures, gradientNorm: Double) -> String? {
        let now = collapse(figures, gradientNorm: gradientNorm)
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
                    "collapse: the loss stands at log2(1 + negatives) = %.2f bits and says nothing: all scores are "
                    + "equal; try a lower schedule.learning_rate, extractor.norm=layer with "
                    + "loss.penalty_weight=0; see docs/collapse.md", figures.lossBits)
        case .oneCodeword:
            let share = Int((100 * figures.excludedShare).rounded())
            return
                "collapse: hardly more than one codeword per group: \(share) % of the negatives equal their positive, and "
                + "the loss says nothing of them; try a higher loss.diversity_weight, a lower "
                + "schedule.learning_rate; see docs/collapse.md"
        }
    }
}
