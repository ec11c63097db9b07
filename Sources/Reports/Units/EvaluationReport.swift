import Files
import TensorFiles

/// What `vqw2v evaluate --json` wrote: figures of several systems side by side, such as a model and its baseline.
public struct EvaluationReport: Sendable {
    public let path: String
    private let systems: [(name: String, values: JSONObject)]

    /// - Throws: `FileError`, or `ReportError` for a file of something else.
    public init(path: String) throws {
        self.path = path
        let bytes = try InputFile(path: path).bytes()
        guard case .object(let object)? = try? bytes.withUnsafeBytes({ try JSONValue(parsing: $0) }),
            case .array(let systems)? = object["systems"], !systems.isEmpty
        else { throw ReportError.notAnEvaluation(path: path) }
        self.systems = try systems.map { system in
            guard case .object(let values) = system, case .string(let name)? = values["name"] else {
                throw ReportError.notAnEvaluation(path: path)
            }
            return (name, values)
        }
    }

    var names: [String] { systems.map(\.name) }

    /// Figures of the table: how they are called, where they stand, and under which name their interval does.
    private static let rows: [(label: String, path: [String], interval: String?)] = [
        ("units in use", ["sequence", "joint", "used"], nil),
        ("entropy, bits", ["sequence", "joint", "entropy_bits"], nil),
        ("perplexity", ["sequence", "joint", "perplexity"], "joint_perplexity"),
        ("bitrate, bit/s", ["sequence", "bitrate"], "bitrate"),
        ("PNMI", ["phones", "all", "PNMI"], "PNMI"),
        ("PNMI without silence", ["phones", "without_silence", "PNMI"], "PNMI_without_silence"),
        ("phone purity", ["phones", "all", "phone_purity"], "phone_purity"),
        ("cluster purity", ["phones", "all", "cluster_purity"], "cluster_purity"),
        ("boundary F1", ["boundaries", "F1"], "boundary_F1"),
        ("R-value, short runs merged", ["boundaries", "merged", "R_value"], "R_value_merged"),
    ]

    /// Those of the rows that are drawn too.
    private static let drawn = ["PNMI", "phone purity"]

    /// A column for each system.
    var columns: [[(label: String, value: String)]] {
        systems.map { system in
            Self.rows.compactMap { row in
                guard let value = system.values.number(row.path) else { return nil }
                let interval = row.interval.flatMap { system.values.interval($0) }.map {
                    " [\(Axis.label($0.lower)), \(Axis.label($0.upper))]"
                }
                return (row.label, Axis.label(value) + (interval ?? ""))
            } + Self.abx(system.values).map { ($0.label, Axis.label(100 * $0.error) + " %") }
        }
    }

    /// Bars for what units tell about phones, and for errors of ABX.
    var figures: [Figure] {
        let scores = Self.rows.filter { Self.drawn.contains($0.label) }.compactMap { row in
            figure(row.label, caption: "Higher is better; the whisker is the 95 % interval.") { system in
                system.number(row.path).map { ($0, row.interval.flatMap { system.interval($0) }) }
            }
        }
        var labels: [String] = []
        for label in systems.flatMap({ Self.abx($0.values).map(\.label) }) where !labels.contains(label) {
            labels.append(label)
        }
        return scores
            + labels.compactMap { label in
                figure(
                    label,
                    caption: "Share of triples in which the item of the other phone is nearer: lower is "
                        + "better, 0.5 is chance."
                ) { system in
                    Self.abx(system).first { $0.label == label }.map { ($0.error, nil) }
                }
            }
    }

    private func figure(
        _ label: String, caption: String,
        value: (JSONObject) -> (Double, (lower: Double, upper: Double)?)?
    ) -> Figure? {
        let bars = systems.enumerated().compactMap { index, system in
            value(system.values).map { BarChart.Bar(system.name, color: index, value: $0.0, interval: $0.1) }
        }
        let chart = BarChart(bars)
        return chart.isEmpty ? nil : Figure(title: label, caption: caption, drawing: chart.svg(label: label))
    }

    /// The errors of all tasks of a system.
    private static func abx(_ system: JSONObject) -> [(label: String, error: Double)] {
        guard case .array(let tasks)? = system["abx"] else { return [] }
        return tasks.compactMap { task in
            guard case .object(let task) = task, case .string(let content)? = task["of"],
                case .string(let speakers)? = task["speakers"], let error = task.number(["error"])
            else { return nil }
            return ("ABX error of \(content), \(speakers) speakers", error)
        }
    }
}

extension JSONObject {
    /// The number at the end of a path of keys.
    fileprivate func number(_ path: [String]) -> Double? {
        var value = JSONValue.object(self)
        for key in path {
            guard case .object(let object) = value, let next = object[key] else { return nil }
            value = next
        }
        switch value {
        case .integer(let number): return Double(number)
        case .number(let number): return number
        default: return nil
        }
    }

    /// The interval of a figure.
    fileprivate func interval(_ name: String) -> (lower: Double, upper: Double)? {
        guard let lower = number(["intervals", name, "lower"]),
            let upper = number(["intervals", name, "upper"])
        else { return nil }
        return (lower, upper)
    }
}
