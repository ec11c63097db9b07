import Evaluation
import Foundation

/// Units as a report shows them.
public struct UnitsReport: Sendable {
    public let name: String
    public let report: UnitReport
    public let timelines: [UnitTimeline]

    public init(name: String, report: UnitReport, timelines: [UnitTimeline]) {
        (self.name, self.report, self.timelines) = (name, report, timelines)
    }

    /// What a table says of them.
    var summary: [(label: String, value: String)] {
        let units = report.units
        let scores = report.scores ?? units.scores(silence: [])
        func share(_ name: String, _ value: Double) -> String {
            let interval = report.intervals[name].map { String(format: " [%.3f, %.3f]", $0.lower, $0.upper) }
            return String(format: "%.3f", value) + (interval ?? "")
        }
        var lines = [
            ("utterances", "\(units.utterances.count)"),
            ("audio, minutes", String(format: "%.1f", units.sequences.seconds / 60)),
            ("units in use", "\(scores.usage.used)"),
            ("entropy, bits", String(format: "%.3f", scores.usage.entropy)),
            ("perplexity", String(format: "%.1f", scores.usage.perplexity)),
            ("bitrate, bit/s", String(format: "%.1f", scores.bitrate)),
            ("mean run, frames", String(format: "%.2f", scores.meanRun)),
        ]
        if report.scores != nil {
            lines += [
                ("PNMI", share("PNMI", scores.phones.phoneNormalizedMutualInformation)),
                ("phone purity", share("phone_purity", scores.phones.phonePurity)),
                ("cluster purity", share("cluster_purity", scores.phones.clusterPurity)),
                ("V-measure", share("v_measure", scores.phones.vMeasure)),
                ("boundary F1", share("boundary_F1", scores.boundaries.f1)),
                ("R-value", share("R_value", scores.boundaries.rValue)),
            ]
        }
        return lines
    }

    /// Units that the table of phones has room for.
    private static let columns = 240

    var figures: [Figure] { [phoneTable].compactMap { $0 } + timelines.compactMap(\.figure) }

    /// P(phone | unit): phones by how often they come, units by the phone that they mostly stand for.
    private var phoneTable: Figure? {
        guard report.scores != nil else { return nil }
        let (units, counts) = (report.units, report.units.counts)
        guard counts.phones > 0, counts.units > 0 else { return nil }
        let phoneTotals = (0..<counts.phones).map { phone in
            (0..<counts.units).reduce(0) { $0 + counts[phone, $1] }
        }
        let phones = phoneTotals.indices.sorted { (phoneTotals[$1], $0) < (phoneTotals[$0], $1) }
        let totals = (0..<counts.units).map { unit in phones.reduce(0) { $0 + counts[$1, unit] } }
        let frequent = totals.indices.filter { totals[$0] > 0 }.sorted { (totals[$1], $0) < (totals[$0], $1) }
        let shown = frequent.prefix(Self.columns).map { unit in
            let best =
                phones.indices.max { (counts[phones[$0], unit], $1) < (counts[phones[$1], unit], $0) } ?? 0
            return (unit: unit, best: best, share: Double(counts[phones[best], unit]) / Double(totals[unit]))
        }.sorted { ($0.best, $1.share, $0.unit) < ($1.best, $0.share, $1.unit) }
        guard !shown.isEmpty else { return nil }
        let values = phones.flatMap { phone in
            shown.map { Double(counts[phone, $0.unit]) / Double(totals[$0.unit]) }
        }
        let left = frequent.count - shown.count
        let map = Heatmap(
            rows: phones.map { units.phones[$0].isEmpty ? "(empty)" : units.phones[$0] },
            columns: shown.count,
            values: values, xLabel: "\(shown.count) units" + (left > 0 ? ", the \(left) rarest left out" : "")
        )
        let label = "Phones against units: \(name)"
        return Figure(
            title: label,
            caption:
                "The share of each unit's frames (column) that lie in each phone (row), from dark, none, to light, "
                + "all. Units that tell phones apart make a bright staircase; a bright row that goes on is a phone "
                + "that many units share.",
            drawing: map.svg(label: label), isWide: true)
    }
}
