import Evaluation
import Files
import Speech

/// The labels that systems are judged by.
struct EvaluationLabels {
    let alignments: AlignmentSet?
    private let speakers: [ByteString: String]
    private let options: LabelOptions

    /// - Parameter speakers: of utterances, before what alignments say.
    init(_ alignments: AlignmentSet?, speakers: [ByteString: String] = [:], _ options: LabelOptions) {
        (self.alignments, self.speakers, self.options) = (alignments, speakers, options)
    }

    /// The recordings of a system beside their labels; says how many were left out.
    /// - Throws: `EvaluationError` or `AlignmentError` that names the line.
    func match(_ system: CheckpointEvaluation.System) throws -> MatchedRecordings {
        let matched = try MatchedRecordings(
            system.recordings, path: system.name, centres: system.centres, alignments: alignments,
            tier: options.tier, speakers: speakers, matchedOnly: options.matchedOnly)
        if matched.unlabelled + matched.unused > 0 {
            printError(
                messageLine(
                    "note: \(system.name): left out \(grouped(matched.unlabelled)) utterances without labels, and "
                        + "the labels of \(grouped(matched.unused)) that are not judged"))
        }
        return matched
    }
}
