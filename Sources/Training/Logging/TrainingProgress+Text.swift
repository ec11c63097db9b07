import Foundation

extension TrainingProgress {
    /// All figures on one line, for a log that is not a terminal.
    public var line: String {
        (["update \(update)/\(maxUpdates)\(left)"] + figures.fields.map(\.full) + [
            "\(seconds(audioSecondsPerSecond)) audio/s, \(seconds(audioSecondsPerUpdate)) per update"
        ] + optimizationTexts + figures.minorFields.map(\.full)).joined(separator: " | ")
    }

    /// The same in fewer characters; what does not fit `width` is left out, the least important first.
    public func line(width: Int) -> String {
        var fields =
            ["\(update)/\(maxUpdates)\(left)"] + figures.fields.map(\.short) + [
                "\(seconds(audioSecondsPerSecond))/s"
            ]
        fields += optimizationTexts + figures.minorFields.map(\.short)
        while fields.count > 1 && fields.joined(separator: " | ").count > width { fields.removeLast() }
        return String(fields.joined(separator: " | ").prefix(max(0, width)))
    }

    private var left: String {
        secondsLeft.map { ", \(Self.clock($0)) left" } ?? ""
    }

    private func seconds(_ value: Double) -> String {
        String(format: value < 10 ? "%.1f s" : "%.0f s", value)
    }

    private var optimizationTexts: [String] {
        let clipped = gradientClipped ? " clipped" : ""
        return schedules.map(\.text) + ["lr \(Self.scientific(learningRate))"]
            + [String(format: "|g| %.3g", gradientNorm) + clipped]
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
        (["validation \(update)/\(maxUpdates)"] + figures.fields.map(\.full)
            + (isBest ? ["best so far"] : []))
            .joined(separator: " | ")
    }
}
