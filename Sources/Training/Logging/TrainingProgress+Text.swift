import Foundation

extension TrainingProgress {
    /// All figures on one line, for a log that is not a terminal.
    public var line: String {
        ([
            "update \(update)/\(maxUpdates)\(left)", "loss \(figures.lossText)",
            figures.accuracyText(full: true),
        ]
            + figures.codebookTexts + [speed + " audio/s"] + optimizationTexts).joined(separator: " | ")
    }

    /// The same in fewer characters; what does not fit `width` is left out, the least important first.
    public func line(width: Int) -> String {
        var fields = ["\(update)/\(maxUpdates)\(left)", figures.lossText, figures.accuracyText(full: false)]
        fields += figures.codebookTexts + [speed + "/s"] + optimizationTexts
        while fields.count > 1 && fields.joined(separator: " | ").count > width { fields.removeLast() }
        return String(fields.joined(separator: " | ").prefix(max(0, width)))
    }

    private var left: String {
        secondsLeft.map { ", \(Self.clock($0)) left" } ?? ""
    }

    private var speed: String {
        String(format: audioSecondsPerSecond < 10 ? "%.1f s" : "%.0f s", audioSecondsPerSecond)
    }

    private var optimizationTexts: [String] {
        let temperature = temperature.map { [String(format: "τ %.2f", $0)] } ?? []
        let clipped = gradientClipped ? " clipped" : ""
        return temperature + ["lr \(Self.scientific(learningRate))"]
            + [String(format: "|g| %.3g", gradientNorm) + clipped]
            + figures.extraLosses.map { String(format: "\($0.name) %.3g", $0.value) }
    }

    /// `1:32`, `2:03:10`.
    static func clock(_ seconds: Double) -> String {
        // Beyond a thousand years, and where nothing is known, there is no use in a number.
        guard seconds >= 0 && seconds < 3e10 else { return "?" }
        let total = Int(seconds.rounded())
        let (hours, minutes) = (total / 3600, total / 60 % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, total % 60)
            : String(format: "%d:%02d", minutes, total % 60)
    }

    /// `3e-4`, `1.25e-5`.
    static func scientific(_ value: Double) -> String {
        guard value.isFinite && value != 0 else { return "\(value)" }
        let parts = String(format: "%.2e", value).split(separator: "e")
        guard parts.count == 2, let mantissa = Double(parts[0]), let exponent = Int(parts[1]) else {
            return "\(value)"
        }
        return String(format: "%g", mantissa) + "e\(exponent)"
    }
}

extension ValidationResult {
    /// All figures on one line.
    public var line: String {
        (["validation \(update)/\(maxUpdates)", "loss \(figures.lossText)", figures.accuracyText(full: true)]
            + figures.codebookTexts + (isBest ? ["best so far"] : [])).joined(separator: " | ")
    }
}

extension PredictionFigures {
    fileprivate var lossText: String {
        String(format: "%.2f bits (chance %.2f)", lossBits, chanceBits)
    }

    /// In full with every step, else with the first and the last.
    fileprivate func accuracyText(full: Bool) -> String {
        let text = "acc \(Self.percent(accuracy, digits: 1)) %"
        guard let first = accuracyPerStep.first, let last = accuracyPerStep.last, accuracyPerStep.count > 1
        else {
            return text
        }
        guard full else { return text + " (\(Self.percent(first))…\(Self.percent(last)))" }
        let steps = accuracyPerStep.map { Self.percent($0) }.joined(separator: " ")
        return text + " (k=\(firstStep)…\(firstStep + accuracyPerStep.count - 1): \(steps))"
    }

    /// Codewords in use and perplexity of each group, joined by `+`.
    fileprivate var codebookTexts: [String] {
        guard !perplexityPerGroup.isEmpty else { return [] }
        let codes = distinctCodesPerGroup.map(String.init).joined(separator: "+")
        let perplexity = perplexityPerGroup.map { String(format: "%.1f", $0) }.joined(separator: "+")
        return ["codes \(codes)/\(codebookSize) ppl \(perplexity)"]
    }

    private static func percent(_ share: Double, digits: Int = 0) -> String {
        share.isFinite ? String(format: "%.\(digits)f", 100 * share) : "–"
    }
}
