import Foundation

extension TokenStatistics {
    /// The lines that end a run: files, hours, frames, use of the codebooks, speed.
    /// - Parameters:
    ///   - codewords: V, codewords per group.
    ///   - seconds: wall time of the run.
    public func summary(codewords: Int, seconds: Double) -> [String] {
        let hours = audioSeconds / 3600
        var lines = [
            line("files", "\(files)"),
            line("audio", String(format: hours < 10 ? "%.3f h" : "%.1f h", hours)),
            line("frames", "\(frames)"),
        ]
        if frames > 0 {
            lines += [
                line("distinct codes", perGroup(distinctCodes.map { "\($0)" }) + " of \(codewords)"),
                line("combinations", "\(combinations)"),
                line("perplexity", perGroup(perplexities.map { String(format: "%.1f", $0) })),
            ]
        }
        if audioSeconds > 0, seconds > 0 {
            let factor = seconds / audioSeconds
            let speed = String(format: "%.4f (%.1f s of audio per second)", factor, 1 / factor)
            lines.append(line("real-time factor", speed))
        }
        return lines
    }

    private func perGroup(_ values: [String]) -> String { values.joined(separator: " | ") }

    private func line(_ name: String, _ value: String) -> String {
        name.padding(toLength: 18, withPad: " ", startingAt: 0) + value
    }
}
