/// The figures that runs are compared by: each has a line, or several, of every run.
struct RunFigures {
    private let runs: [RunReport]

    init(_ runs: [RunReport]) { self.runs = runs }

    /// Those for which the logs have numbers.
    var figures: [Figure] {
        let updates = "updates"
        return [
            figure(
                "Loss", lossLines, xLabel: updates, yLabel: "bits", isLogarithmic: false,
                caption:
                    "Bits per prediction, lower is better. Chance is the best answer that does not look at its "
                    + "input: a loss that stays there has learned nothing."),
            figure(
                "Accuracy", accuracyLines, xLabel: updates, yLabel: "share", includingZero: true,
                caption: "Share of predictions whose true frame scores above all negatives."),
            figure(
                "Accuracy by step ahead", stepLines, xLabel: "frames ahead", yLabel: "share",
                includingZero: true,
                caption: "At the last line of the log. Predictions farther ahead are harder."),
            figure(
                "Codebook perplexity", groupLines("perplexity_per_group"), xLabel: updates,
                yLabel: "codewords",
                includingZero: true,
                caption:
                    "2 to the entropy of the chosen codewords, by group: the number that is used as if all were "
                    + "equally frequent. 1 is total collapse."),
            figure(
                "Codewords in use", groupLines("distinct_codes_per_group"), xLabel: updates,
                yLabel: "codewords",
                includingZero: true,
                caption: "Codewords chosen at least once since the line before, by group."),
            figure(
                "Learning rate", trainLines("learning_rate"), xLabel: updates, yLabel: "rate",
                includingZero: true, caption: "The schedule of the step size."),
            figure(
                "Temperature", trainLines("temperature"), xLabel: updates, yLabel: "τ", includingZero: true,
                caption: "Of the Gumbel softmax that gradients go through: high explores, low decides."),
            figure(
                "Gradient norm", trainLines("gradient_norm"), xLabel: updates, yLabel: "norm",
                isLogarithmic: true,
                caption: "Before clipping. A steady rise comes before divergence."),
            figure(
                "Speed", trainLines("audio_seconds_per_second"), xLabel: updates, yLabel: "s per s",
                includingZero: true, caption: "Seconds of audio per second of wall time."),
        ].compactMap { $0 }
    }

    private func figure(
        _ title: String, _ series: [LineChart.Series], xLabel: String, yLabel: String,
        includingZero: Bool = false,
        isLogarithmic: Bool = false, caption: String
    ) -> Figure? {
        let chart = LineChart(
            series, xLabel: xLabel, yLabel: yLabel, includingZero: includingZero, isLogarithmic: isLogarithmic
        )
        return chart.isEmpty ? nil : Figure(title: title, caption: caption, drawing: chart.svg(label: title))
    }

    /// A name, with the run's before it where there are several.
    private func name(_ run: Int, _ text: String) -> String {
        runs.count == 1 ? text : text.isEmpty ? runs[run].name : "\(runs[run].name), \(text)"
    }

    private var lossLines: [LineChart.Series] {
        lines { index, run in
            [
                LineChart.Series(
                    name(index, "training"), color: index, points: run.log.points("loss_bits", "train")),
                LineChart.Series(
                    name(index, "validation"), color: index + (runs.count == 1 ? 1 : 0),
                    isDashed: runs.count > 1,
                    points: run.log.points("loss_bits", "validation")),
            ]
        } + chance { $0.log.points("chance_bits", "train").map(\.y).last }
    }

    private var accuracyLines: [LineChart.Series] {
        lines { index, run in
            [
                LineChart.Series(name(index, "training"), color: index, points: run.log.accuracies("train")),
                LineChart.Series(
                    name(index, "validation"), color: index + (runs.count == 1 ? 1 : 0),
                    isDashed: runs.count > 1,
                    points: run.log.accuracies("validation")),
            ]
        } + chance { $0.chanceAccuracy }
    }

    /// A level line for each value that runs have by chance.
    private func chance(_ value: (RunReport) -> Double?) -> [LineChart.Series] {
        let levels = Set(runs.compactMap(value)).sorted()
        let end = Double(runs.map(\.log.updates).max() ?? 1)
        return levels.map {
            LineChart.Series(
                "chance", color: LineChart.colors - 1, isDashed: true, points: [(0, $0), (end, $0)])
        }
    }

    private var stepLines: [LineChart.Series] {
        lines { index, run in
            let kind = run.log.lastList("accuracy_per_step", "validation").isEmpty ? "train" : "validation"
            let values = run.log.lastList("accuracy_per_step", kind)
            let first = run.log.last("first_step") ?? 1
            return [
                LineChart.Series(
                    name(index, kind), color: index,
                    points: values.enumerated().map { (first + Double($0.offset), $0.element) })
            ]
        }
    }

    private func groupLines(_ key: String) -> [LineChart.Series] {
        lines { index, run in
            run.log.listPoints(key, "train").enumerated().map { group, points in
                LineChart.Series(
                    name(index, "group \(group + 1)"), color: runs.count == 1 ? group : index,
                    isDashed: runs.count > 1 && group > 0, points: points)
            }
        }
    }

    private func trainLines(_ key: String) -> [LineChart.Series] {
        lines { index, run in
            [
                LineChart.Series(
                    name(index, runs.count == 1 ? key.replacing("_", with: " ") : ""), color: index,
                    points: run.log.points(key, "train"))
            ]
        }
    }

    private func lines(_ make: (Int, RunReport) -> [LineChart.Series]) -> [LineChart.Series] {
        runs.enumerated().flatMap { make($0.offset, $0.element) }
    }
}
