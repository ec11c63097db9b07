import Foundation

/// A run as a report shows it.
public struct RunReport: Sendable {
    /// What people call it.
    public let name: String
    public let log: RunLog
    /// As YAML; nil where there is none.
    public let configuration: String?
    /// What else is known: program, data, weights that it began with.
    public let facts: [(label: String, value: String)]
    /// Share of predictions that are right by chance.
    public let chanceAccuracy: Double?

    public init(
        name: String, log: RunLog, configuration: String?, facts: [(label: String, value: String)],
        chanceAccuracy: Double?
    ) {
        (self.name, self.log) = (name, log)
        (self.configuration, self.facts) = (configuration, facts)
        self.chanceAccuracy = chanceAccuracy
    }

    /// The best loss of the validations, in bits.
    var bestLoss: Double? { log.points("loss_bits", "validation").map(\.y).min() }

    /// What a table says of the run.
    var summary: [(label: String, value: String)] {
        func text(_ value: Double?, _ format: (Double) -> String) -> String { value.map(format) ?? "–" }
        func whole(_ value: Double) -> String { String(format: "%.0f", value) }
        func list(_ key: String, _ places: Int) -> String {
            let kind = log.lastList(key, "validation").isEmpty ? "train" : "validation"
            let values = log.lastList(key, kind).map { String(format: "%.\(places)f", $0) }
            return values.isEmpty ? "–" : values.joined(separator: " + ")
        }
        let accuracy = (log.accuracies("validation").last ?? log.accuracies("train").last)?.y
        return [
            ("updates", "\(log.updates) of \(text(log.last("max_updates")) { whole($0) })"),
            ("best validation loss, bits", text(bestLoss) { String(format: "%.3f", $0) }),
            ("chance, bits", text(log.last("chance_bits")) { String(format: "%.3f", $0) }),
            ("accuracy, last", text(accuracy) { String(format: "%.1f %%", 100 * $0) }),
            ("accuracy by chance", text(chanceAccuracy) { String(format: "%.1f %%", 100 * $0) }),
            ("codewords in use, by group", list("distinct_codes_per_group", 0)),
            ("perplexity, by group", list("perplexity_per_group", 1)),
            ("codewords of a group", text(log.last("codebook_size")) { $0 > 0 ? whole($0) : "–" }),
            (
                "time of training, minutes",
                text(log.last("elapsed_seconds")) { String(format: "%.1f", $0 / 60) }
            ),
            (
                "audio per second, s",
                text(log.last("audio_seconds_per_second")) { String(format: "%.1f", $0) }
            ),
            ("memory, MiB", text(log.last("memory_bytes")) { String(format: "%.0f", $0 / 1_048_576) }),
        ] + log.environment + facts
    }
}
