import Evaluation

/// Figures of several kinds of units as a table: a line for each figure, a column for each kind.
struct EvaluationText {
    private var lines: [(label: String, values: [String])] = []
    private let reports: [SystemReport]

    init(_ reports: [SystemReport]) {
        self.reports = reports
        addSystems("") { $0.name }
        add("utterances") { grouped($0.units.sequences.utterances) }
        add("frames") { grouped($0.units.sequences.frames) }
        add("audio, minutes") {
            decimal($0.units.sequences.seconds / 60, 1) + ($0.lengthsAreEstimates ? " (from the frames)" : "")
        }
        addUse()
        addSequences()
        addPhones()
        addBoundaries()
        addABX()
        addOthers()
    }

    /// Lines, the columns one below the other.
    var text: String {
        let label = lines.map(\.label.count).max() ?? 0
        let widths = reports.indices.map { column in lines.map { $0.values[column].count }.max() ?? 0 }
        return lines.map { line in
            var text = padded(line.label, label + 2)
            for (value, width) in zip(line.values, widths) { text += padded(value, width + 2) }
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }

    private mutating func add(_ label: String, _ value: (UnitReport) -> String?) {
        addSystems(label) { $0.units.flatMap(value) }
    }

    /// A figure that no system has is left out.
    private mutating func addSystems(_ label: String, _ value: (SystemReport) -> String?) {
        let values = reports.map(value)
        guard values.contains(where: { $0 != nil }) else { return }
        lines.append((label, values.map { $0 ?? "–" }))
    }

    /// A figure of nothing is left out.
    private mutating func add(_ label: String, _ places: Int, figure: String) {
        guard let (_, value) = UnitScores.figures.first(where: { $0.name == figure }) else { return }
        add(label) { report in
            report.scores.map(value).flatMap { $0.isNaN ? nil : $0 }.map { number in
                decimal(number, places)
                    + (report.intervals[figure].map {
                        " [\(decimal($0.lower, places)), \(decimal($0.upper, places))]"
                    } ?? "")
            }
        }
    }

    private mutating func addUse() {
        add("units in use") { report in
            grouped(report.units.sequences.usage.used)
                + (report.codewordsOfGroups.map { codewords in
                    let all = codewords.reduce(1.0) { $0 * Double($1) }
                    return all < 1e9 ? " of \(grouped(Int(all)))" : ""
                } ?? "")
        }
        add("entropy, bits") { decimal($0.units.sequences.usage.entropy, 3) }
        add("perplexity") { decimal($0.units.sequences.usage.perplexity, 1) }
        add("perplexity of groups") { report in
            let groups = report.units.sequences.groupUsage
            return groups.count > 1 ? groups.map { decimal($0.perplexity, 1) }.joined(separator: ", ") : nil
        }
        add("bitrate, bits/s") { decimal($0.units.sequences.bitrate, 1) }
        add("  nominal") { report in
            report.codewordsOfGroups.map { decimal(report.units.sequences.nominalBitrate(codewords: $0), 1) }
        }
        add("  of runs") { decimal($0.units.sequences.runBitrate, 1) }
    }

    private mutating func addSequences() {
        add("runs per second") { decimal($0.units.sequences.runsPerSecond, 1) }
        add("run, frames: mean, median, longest") {
            let counts = $0.units.sequences
            return "\(decimal(counts.meanRun, 2)), \(decimal(counts.medianRun, 1)), \(counts.longestRun)"
        }
        add("bigram entropy, bits") { decimal($0.units.sequences.framePairStatistics.entropy, 3) }
        add("  given the unit before") {
            decimal($0.units.sequences.framePairStatistics.conditionalEntropy, 3)
        }
        add("  of runs, given the one before") {
            decimal($0.units.sequences.runPairStatistics.conditionalEntropy, 3)
        }
    }

    private mutating func addPhones() {
        add("phones") { report in report.scores.map { grouped($0.phones.phones) } }
        add("PNMI", 3, figure: "PNMI")
        add("  without silence", 3, figure: "PNMI_without_silence")
        add("phone purity", 3, figure: "phone_purity")
        add("  of a single unit") { report in report.labelledPhones.map { decimal($0.majorityPhone, 3) } }
        add("cluster purity", 3, figure: "cluster_purity")
        add("completeness") { report in report.labelledPhones.map { decimal($0.completeness, 3) } }
        add("V-measure, NMI", 3, figure: "v_measure")
        add("frames without a label") { report in
            report.scores.map { _ in grouped(report.units.unlabelledFrames) }
        }
    }

    private mutating func addBoundaries() {
        add("boundaries: precision, recall") { report in
            report.scores.map {
                "\(decimal($0.boundaries.precision, 3)), \(decimal($0.boundaries.recall, 3))"
            }
        }
        add("  F1", 3, figure: "boundary_F1")
        add("  R-value", 3, figure: "R_value")
        add("  R-value, short runs merged", 3, figure: "R_value_merged")
    }

    private mutating func addABX() {
        var seen: [String] = []
        for figure in reports.flatMap(\.abx) {
            let label = "ABX error \(figure.speakers) speakers, \(figure.content), %"
            if seen.contains(label) { continue }
            seen.append(label)
            addSystems(label) { report in
                report.abx.first { ($0.speakers, $0.content) == (figure.speakers, figure.content) }
                    .map { decimal(100 * $0.error, 2) }
            }
            addSystems("  of \(figure.content) \(figure.speakers) speakers: cells, triples") { report in
                report.abx.first { ($0.speakers, $0.content) == (figure.speakers, figure.content) }
                    .map { "\(grouped($0.scores.task.cells.count)), \(grouped($0.scores.triples))" }
            }
        }
    }

    private mutating func addOthers() {
        var seen: Set<String> = []
        for (label, _) in reports.flatMap(\.others).flatMap(\.figures.lines) where seen.insert(label).inserted
        {
            addSystems(label) { report in
                report.others.flatMap(\.figures.lines).first { $0.label == label }?.value
            }
        }
    }
}

extension UnitReport {
    /// Nil where no frame has a label.
    fileprivate var labelledPhones: PhoneScores? { scores.flatMap { $0.phones.frames > 0 ? $0.phones : nil } }
}
