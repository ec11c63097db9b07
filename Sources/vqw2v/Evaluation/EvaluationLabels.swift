import Evaluation
import Files
import Speech

/// The labels that systems are judged by.
struct EvaluationLabels {
    /// Labels of one utterance, as ABX takes them.
    typealias Labels = (name: ByteString, intervals: [LabelledInterval], speaker: String?)

    let alignments: AlignmentSet?
    private let speakers: [ByteString: String]
    private let options: LabelOptions

    init(_ alignments: AlignmentSet?, _ speakers: [ByteString: String], _ options: LabelOptions) {
        (self.alignments, self.speakers, self.options) = (alignments, speakers, options)
    }

    /// - Throws: `EvaluationError` or `AlignmentError` that names the line.
    func match(_ system: CheckpointEvaluation.System) throws -> MatchedUnits {
        try MatchedUnits(
            system.units, path: system.name, groups: system.groups, centres: system.centres,
            alignments: alignments,
            tier: options.tier, speakers: speakers, matchedOnly: options.matchedOnly)
    }

    /// Those of utterances for which a condition holds.
    /// - Throws: `AlignmentError` for one without the tier.
    func labels(where holds: (ByteString) -> Bool) throws -> [Labels] {
        try (alignments?.alignments ?? []).filter { holds($0.utterance) }.map {
            ($0.utterance, try $0.tier(options.tier), speakers[$0.utterance] ?? $0.speaker)
        }
    }
}

extension MatchedUnits {
    var labels: [EvaluationLabels.Labels] { recordings.map { ($0.units.name, $0.intervals, $0.speaker) } }
}
