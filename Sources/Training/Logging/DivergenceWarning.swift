/// Notices a loss that has left the range in which anything is learned.
///
/// A model that answers every question with 0 costs 1 bit for each candidate, 11 bits with ten negatives, and
/// random weights not much more. Learning rates that are too high end in thousands or millions of bits: every
/// number is still finite, so nothing else would stop or mention it.
struct DivergenceWarning {
    /// Lines of the log with such a loss in a row.
    private var lines = 0
    private var hasWarned = false

    /// Lines in a row before a warning: some runs begin with a few bad updates.
    private static let patience = 3
    /// In multiples of the loss at chance level, some five times that of a model that answers 0.
    private static let limit = 10.0

    /// Takes the figures of one line of the log.
    /// - Returns: a warning in one line, once for each divergence.
    mutating func observe(_ figures: any TrainingFigures) -> String? {
        guard figures.lossBits > Self.limit * max(figures.chanceBits, 1) else {
            (lines, hasWarned) = (0, false)
            return nil
        }
        lines += 1
        guard lines >= Self.patience && !hasWarned else { return nil }
        hasWarned = true
        let loss = figures.lossBits < 1e15 ? "\(Int(figures.lossBits))" : "\(figures.lossBits)"
        let chance = (figures.chanceBits * 100).rounded() / 100
        return
            "the run diverges: a loss of \(loss) bits is far above chance (\(chance) bits), and nothing is "
            + "learned; begin anew with a lower schedule.learning_rate or with optimizer.clip_norm"
    }
}
