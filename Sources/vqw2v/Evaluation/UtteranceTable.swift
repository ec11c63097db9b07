import Evaluation
import Files

/// Figures of each utterance as CSV.
enum UtteranceTable {
    private static let columns = [
        "units", "utterance", "seconds", "frames", "unlabelled_frames", "distinct_units", "entropy_bits",
        "bitrate",
        "runs", "mean_run_frames", "phone_purity", "PNMI", "boundary_hits", "boundary_reference",
        "boundary_units",
        "boundary_F1", "R_value", "prediction_bits", "prediction_accuracy",
    ]

    /// A line of names, then one for each utterance of each report. What needs labels is empty without, and so is what only a
    /// model has that predicts.
    static func csv(_ systems: [SystemReport], silence: Set<String>) -> String {
        var text = columns.joined(separator: ",") + "\n"
        for system in systems {
            guard let report = system.units else { continue }
            var times = Array(repeating: 0, count: report.units.utterances.count)
            for (index, utterance) in report.units.utterances.enumerated() {
                times[index] = 1
                let scores = report.units.scores(silence: silence, times: times)
                times[index] = 0
                var fields = [
                    field(system.name), field(utterance.name.description), number(utterance.seconds),
                    "\(utterance.units.count)", "\(utterance.unlabelledFrames)", "\(scores.usage.used)",
                    number(scores.usage.entropy), number(scores.bitrate), "\(scores.runs)",
                    number(scores.meanRun),
                ]
                fields +=
                    report.scores == nil
                    ? Array(repeating: "", count: 7)
                    : [
                        number(scores.phones.phonePurity),
                        number(scores.phones.phoneNormalizedMutualInformation),
                        "\(scores.boundaries.hits)", "\(scores.boundaries.reference)",
                        "\(scores.boundaries.units)",
                        number(scores.boundaries.f1), number(scores.boundaries.rValue),
                    ]
                let prediction = system.predictions[utterance.name]
                fields += [prediction?.bits, prediction?.accuracy].map {
                    $0.map { $0.isFinite ? number($0) : "" } ?? ""
                }
                text += fields.joined(separator: ",") + "\n"
            }
        }
        return text
    }

    private static func number(_ value: Double) -> String { decimal(value, 6) }

    /// RFC 4180.
    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
