/// All figures of one kind of units.
public struct UnitReport: Sendable {
    /// What people call the units.
    public let name: String
    /// G.
    public let groups: Int
    /// V; nil where it is not known.
    public let codewords: Int?
    public let units: LabelledUnits
    /// Nil without labels.
    public let scores: UnitScores?
    /// By the names of `UnitScores.figures`; empty where none were asked for.
    public let intervals: [String: Bootstrap.Interval]
    public var abx: [ABXFigure]
    /// Whether lengths of recordings had to be concluded from the number of frames.
    public let lengthsAreEstimates: Bool

    /// - Parameters:
    ///   - isLabelled: whether there are phones.
    ///   - resamples: of the bootstrap over utterances; 0 for no intervals.
    public init(
        name: String, units: LabelledUnits, codewords: Int?, isLabelled: Bool, silence: Set<String>, resamples: Int,
        abx: [ABXFigure] = [], lengthsAreEstimates: Bool = false
    ) {
        (self.name, self.units, self.codewords, self.abx) = (name, units, codewords, abx)
        (groups, self.lengthsAreEstimates) = (units.groups, lengthsAreEstimates)
        scores = isLabelled ? units.scores(silence: silence) : nil
        intervals =
            isLabelled && resamples > 0 && !units.utterances.isEmpty
            ? Bootstrap(utterances: units.utterances.count, resamples: resamples)
                .intervals(of: units, silence: silence) : [:]
    }

    /// V of each group, where it is known.
    public var codewordsOfGroups: [Int]? { codewords.map { Array(repeating: $0, count: groups) } }
}

/// The error of one ABX task.
public struct ABXFigure: Sendable {
    /// `triphone within speakers`.
    public let name: String
    public let distance: ABXDistance
    public let scores: ABXScores
    /// The mean over contexts, then speakers, then pairs.
    public let error: Double

    /// - Throws: `EvaluationError` for unknown columns.
    public init(
        name: String, distance: ABXDistance, scores: ABXScores, levels: [[String]]
    ) throws(EvaluationError) {
        (self.name, self.distance, self.scores) = (name, distance, scores)
        error = try scores.error(levels: levels)
    }
}
