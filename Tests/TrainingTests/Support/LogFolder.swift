import Foundation
import TestSupport
import Testing
import Training

func figures() -> PredictionFigures {
    var figures = PredictionFigures(
        lossBits: 4.412, chanceBits: 4.834467, firstStep: 3, accuracyPerStep: [0.25, 0.2, 0.15])
    figures.perplexityPerGroup = [21.34, 20.76]
    figures.distinctCodesPerGroup = [40, 38]
    figures.codebookSize = 64
    return figures
}

func progress(update: Int = 200) -> TrainingProgress {
    TrainingProgress(
        update: update, maxUpdates: 1500, epoch: 4, elapsedSeconds: 14.5, secondsLeft: 92,
        audioSecondsPerSecond: 96.4, audioSecondsPerUpdate: 12, figures: figures(),
        schedules: [ScheduleValue(key: "temperature", value: 1.9, text: "τ 1.90")], learningRate: 3e-4,
        gradientNorm: 1.2345, gradientClipped: false, memoryBytes: 123)
}

/// Text that a log wrote, as it would be sent to a terminal of some width or to a pipe.
final class Screen {
    var text = ""
    func output(width: Int? = nil) -> LogOutput { LogOutput(width: { width }, write: { self.text += $0 }) }
}

/// A folder for a log.
final class LogFolder {
    let temporary: TemporaryFolder
    init() throws { temporary = try TemporaryFolder() }
    var log: URL { temporary.url.appending(path: "log.jsonl") }

    /// A log that goes to this folder's file.
    func open(
        _ update: Int? = nil, repeatsValidation: Bool = false,
        screen: Screen = Screen(), width: Int? = nil
    ) throws -> TrainingLog {
        let log = TrainingLog(output: screen.output(width: width))
        try log.open(self.log.path, resumingAfter: update, repeatsValidation: repeatsValidation)
        return log
    }

    func lines() throws -> [[String: Any]] {
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }
}
