import Checkpoints
import Layers
import VQWav2Vec

/// Notices codebooks of which almost nothing is used any more, and says what helps.
public struct CollapseWarning: Sendable {
    private let configuration: RunConfiguration
    /// Lines of the log with collapsed codebooks in a row.
    private var lines = 0
    private var hasWarned = false

    /// Lines in a row before a warning: the first updates of a good run can look bad too.
    private static let patience = 3

    public init(_ configuration: RunConfiguration) { self.configuration = configuration }

    /// Takes the figures of one line of the log.
    /// - Returns: a warning in one line, once for each collapse; after a recovery the next one is told again.
    public mutating func observe(_ figures: PredictionFigures) -> String? {
        let collapsed = zip(figures.perplexityPerGroup, figures.distinctCodesPerGroup).enumerated().filter {
            Self.isCollapsed(perplexity: $1.0, distinct: $1.1, of: figures.codebookSize)
        }
        guard let worst = collapsed.min(by: { $0.element.0 < $1.element.0 }) else {
            (lines, hasWarned) = (0, false)
            return nil
        }
        lines += 1
        guard lines >= Self.patience && !hasWarned else { return nil }
        hasWarned = true
        let (perplexity, distinct) = worst.element
        return "codebook collapse: group \(worst.offset + 1) of \(figures.perplexityPerGroup.count) uses "
            + "\(distinct) of \(figures.codebookSize) codewords (perplexity "
            + "\((perplexity * 10).rounded() / 10)); try \(remedies.joined(separator: ", ")); see docs/collapse.md"
    }

    /// Fewer than 2 codewords' worth of entropy, or fewer than one codeword in twenty chosen at all. Codebooks
    /// that are small to begin with are collapsed at a tenth of the way from one codeword to all.
    private static func isCollapsed(perplexity: Double, distinct: Int, of size: Int) -> Bool {
        perplexity < min(2, 1 + 0.1 * Double(size - 1)) || Double(distinct) < 0.05 * Double(size)
    }

    /// What is not in use already.
    private var remedies: [String] {
        var remedies: [String] = []
        if !configuration.codebook.initializeFromData {
            remedies.append("codebook.initialize_from_data=true")
        }
        switch configuration.model.quantizer.kind {
        case .kmeans:
            if configuration.codebook.restartAfterUpdates == 0 {
                remedies.append("codebook.restart_after_updates=100")
            }
        case .gumbel:
            if configuration.loss.diversityWeight == 0 { remedies.append("loss.diversity_weight=0.001") }
        case .none:
            break
        }
        return remedies + ["a lower schedule.learning_rate"]
    }
}
