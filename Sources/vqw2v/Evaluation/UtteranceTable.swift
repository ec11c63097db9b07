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

    /// A line of names, then one for each utterance of each report. What needs units or labels is empty without, and so is what
    /// only a model has that predicts.
    static func csv(_ systems: [SystemReport], silence: Set<String>) -> String {
        let lines = systems.flatMap { system in
            system.units.map { Self.rows(of: $0, system, silence: silence) }
                ?? Self.rows(withoutUnits: system)
        }
        return ([columns] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private static func rows(
        of report: UnitReport, _ system: SystemReport, silence: Set<String>
    ) -> [[String]] {
        var times = Array(repeating: 0, count: report.units.utterances.count)
        return report.units.utterances.enumerated().map { index, utterance in
            times[index] = 1
            let scores = report.units.scores(silence: silence, times: times)
            times[index] = 0
            let use = [
                field(system.name), field(utterance.name.description), number(utterance.seconds),
                "\(utterance.units.count)", "\(utterance.unlabelledFrames)", "\(scores.usage.used)",
                number(scores.usage.entropy), number(scores.bitrate), "\(scores.runs)",
                number(scores.meanRun),
            ]
            let labelled =
                report.scores == nil
                ? Array(repeating: "", count: 7)
                : [
                    scores.phones.frames > 0 ? number(scores.phones.phonePurity) : "",
                    scores.phones.frames > 0
                        ? number(scores.phones.phoneNormalizedMutualInformation) : "",
                    "\(scores.boundaries.hits)", "\(scores.boundaries.reference)",
                    "\(scores.boundaries.units)",
                    number(scores.boundaries.f1), number(scores.boundaries.rValue),
                ]
            return use + labelled + fields(of: system.predictions[utterance.name])
        }
    }

    private static func rows(withoutUnits system: SystemReport) -> [[String]] {
        system.predictions.sorted { $0.key < $1.key }.map { name, prediction in
            [field(system.name), field(name.description), number(prediction.seconds)]
                + Array(repeating: "", count: columns.count - 5) + fields(of: prediction)
        }
    }

    private static func fields(of prediction: UtterancePrediction?) -> [String] {
        [prediction?.bits, prediction?.accuracy].map { $0.map { $0.isFinite ? number($0) : "" } ?? "" }
    }

    private static func number(_ value: Double) -> String { decimal(value, 6) }

    /// RFC 4180.
    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
