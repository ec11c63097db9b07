import Files
import TensorFiles

/// All figures of one system: of its units, and of how far they or its features are apart.
public struct SystemReport: Sendable {
    /// What people call it.
    public let name: String
    /// Nil for features alone.
    public var units: UnitReport?
    public var abx: [ABXFigure] = []
    /// Further groups of figures, by their names in JSON.
    public var others: [(name: String, figures: any FigureGroup)] = []
    /// How well a model predicts in each utterance, where it predicts.
    public var predictions: [ByteString: UtterancePrediction] = [:]

    public init(name: String, units: UnitReport? = nil) { (self.name, self.units) = (name, units) }
}

/// How well a model predicts in one utterance.
public struct UtterancePrediction: Sendable {
    public let seconds: Double
    /// Loss per positive.
    public let bits: Double
    /// Share of the positives that are told apart from all their negatives, from 0 to 1.
    public let accuracy: Double

    public init(seconds: Double, bits: Double, accuracy: Double) {
        (self.seconds, self.bits, self.accuracy) = (seconds, bits, accuracy)
    }
}

/// Figures that belong together.
public protocol FigureGroup: Sendable {
    /// As JSON.
    var json: JSONValue { get }
    /// Lines of a table.
    var lines: [(label: String, value: String)] { get }
}

/// All figures of one kind of units.
public struct UnitReport: Sendable {
    /// G.
    public let groups: Int
    /// V; nil where it is not known.
    public let codewords: Int?
    public let units: LabelledUnits
    /// Nil without labels.
    public let scores: UnitScores?
    /// By the names of `UnitScores.figures`; empty where none were asked for, or there is one utterance alone.
    public let intervals: [String: Bootstrap.Interval]
    /// Whether lengths of recordings had to be concluded from the number of frames.
    public let lengthsAreEstimates: Bool

    /// - Parameters:
    ///   - isLabelled: whether there are phones.
    ///   - resamples: of the bootstrap over utterances; 0 for no intervals.
    /// - Throws: `EvaluationError` for labels that are too many to be phones.
    public init(
        units: LabelledUnits, codewords: Int?, isLabelled: Bool, silence: Set<String>, resamples: Int,
        lengthsAreEstimates: Bool = false
    ) throws(EvaluationError) {
        guard !isLabelled || units.phones.count * units.table.count <= JointCounts.most else {
            throw .tooManyLabels(units.phones.count, units: units.table.count)
        }
        (self.units, self.codewords) = (units, codewords)
        (groups, self.lengthsAreEstimates) = (units.groups, lengthsAreEstimates)
        scores = isLabelled ? units.scores(silence: silence) : nil
        intervals =
            isLabelled && resamples > 0 && units.utterances.count > 1
            ? Bootstrap(utterances: units.utterances.count, resamples: resamples)
                .intervals(of: units, silence: silence) : [:]
    }

    /// V of each group, where it is known.
    public var codewordsOfGroups: [Int]? { codewords.map { Array(repeating: $0, count: groups) } }
}

/// The error of one ABX task.
public struct ABXFigure: Sendable {
    /// What was compared: `ids`, `z`, `mfcc`.
    public let content: String
    /// `within` or `across` speakers.
    public let speakers: String
    public let distance: ABXDistance
    public let scores: ABXScores
    /// The mean over contexts, then speakers, then pairs.
    public let error: Double

    /// - Throws: `EvaluationError` for unknown columns.
    public init(
        content: String, speakers: String, distance: ABXDistance, scores: ABXScores, levels: [[String]]
    ) throws(EvaluationError) {
        (self.content, self.speakers) = (content, speakers)
        (self.distance, self.scores) = (distance, scores)
        error = try scores.error(levels: levels)
    }
}
