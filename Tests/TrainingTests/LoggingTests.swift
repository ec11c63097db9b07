import Checkpoints
import Foundation
import Layers
import Testing
import Training
import VQWav2Vec

private func figures() -> PredictionFigures {
    var figures = PredictionFigures(
        lossBits: 4.412, chanceBits: 4.834467, firstStep: 3, accuracyPerStep: [0.25, 0.2, 0.15])
    figures.perplexityPerGroup = [21.34, 20.76]
    figures.distinctCodesPerGroup = [40, 38]
    figures.codebookSize = 64
    return figures
}

private func progress(update: Int = 200) -> TrainingProgress {
    TrainingProgress(
        update: update, maxUpdates: 1500, epoch: 4, elapsedSeconds: 14.5, secondsLeft: 92,
        audioSecondsPerSecond: 96.4, figures: figures(),
        schedules: [ScheduleValue(key: "temperature", value: 1.9, text: "τ 1.90")], learningRate: 3e-4,
        gradientNorm: 1.2345, gradientClipped: false, memoryBytes: 123)
}

/// Text that a log wrote, as it would be sent to a terminal of some width or to a pipe.
private final class Screen {
    var text = ""
    func output(width: Int? = nil) -> LogOutput { LogOutput(width: { width }, write: { self.text += $0 }) }
}

private final class Folder {
    let url = FileManager.default.temporaryDirectory.appending(path: "vqw2v-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }
    var log: URL { url.appending(path: "log.jsonl") }

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

@Suite struct ProgressTextTests {
    @Test func plainLineHasEveryFigure() {
        #expect(
            progress().line
                == "update 200/1500, 1:32 left | loss 4.41 bits (chance 4.83) | acc 20.0 % (k=3…5: 25 20 15) | "
                + "codes 40+38/64 ppl 21.3+20.8 | 96 s audio/s | τ 1.90 | lr 3e-4 | |g| 1.23")
        var other = progress()
        other.secondsLeft = 7450
        other.schedules = []
        other.gradientClipped = true
        other.audioSecondsPerSecond = 0.54
        other.learningRate = 1.254e-5
        var values = figures()
        values.perplexityPerGroup = []
        values.accuracyPerStep = [.nan, 0.5]
        values.extraLosses = [.init(name: "kmeans", value: 0.0123)]
        other.figures = values
        #expect(
            other.line
                == "update 200/1500, 2:04:10 left | loss 4.41 bits (chance 4.83) | acc 50.0 % (k=3…4: – 50) | "
                + "0.5 s audio/s | lr 1.25e-5 | |g| 1.23 clipped | kmeans 0.0123")
    }

    @Test func unknownNumbersDoNotCrash() {
        var other = progress()
        var values = figures()
        for value in [Double.nan, .infinity, -1, 1e300] {
            other.secondsLeft = value
            values.lossBits = value
            other.figures = values
            other.gradientNorm = value
            other.learningRate = value
            other.audioSecondsPerSecond = value
            #expect(other.line.contains("? left"))
        }
        other.secondsLeft = nil
        values.accuracyPerStep = []
        other.figures = values
        #expect(other.line.hasPrefix("update 200/1500 | ") && other.line.contains("| acc – % |"))
    }

    @Test func narrowTerminalsLoseTheLeastImportantFirst() {
        let full = progress().line(width: 1000)
        #expect(
            full
                == "200/1500, 1:32 left | 4.41 bits (chance 4.83) | acc 20.0 % (25…15) | "
                + "codes 40+38/64 ppl 21.3+20.8 | 96 s/s | τ 1.90 | lr 3e-4 | |g| 1.23")
        #expect(progress().line(width: full.count) == full)
        #expect(progress().line(width: full.count - 1) == String(full.dropLast(" | |g| 1.23".count)))
        #expect(progress().line(width: 50) == "200/1500, 1:32 left | 4.41 bits (chance 4.83)")
        for width in 0...full.count { #expect(progress().line(width: width).count <= width) }
        #expect(progress().line(width: 4) == "200/")
    }

    @Test func validationLine() {
        var result = ValidationResult(
            update: 250, maxUpdates: 1500, utterances: 9, figures: figures(), isBest: true)
        let line =
            "validation 250/1500 | loss 4.41 bits (chance 4.83) | acc 20.0 % (k=3…5: 25 20 15) | "
            + "codes 40+38/64 ppl 21.3+20.8"
        #expect(result.line == line + " | best so far")
        result.isBest = false
        #expect(result.line == line)
    }
}

@Suite struct TrainingLogTests {
    @Test func everyLineIsOneObject() throws {
        let (folder, screen) = (try Folder(), Screen())
        let log = try folder.open(screen: screen)
        var last = progress()
        last.gradientNorm = .infinity
        var values = figures()
        values.accuracyPerStep[0] = .nan
        values.extraLosses = [.init(name: "diversity", value: 0.5)]
        last.figures = values
        try log.report(last)
        try log.report(
            ValidationResult(update: 200, maxUpdates: 1500, utterances: 9, figures: figures(), isBest: true))
        try log.warn("careful", update: 200)
        // Every line is on disk before the next figures come.
        let lines = try folder.lines()
        #expect(lines.map { $0["type"] as? String } == ["train", "validation", "warning"])
        #expect(lines.allSatisfy { $0["update"] as? Int == 200 })
        let train = lines[0]
        #expect(
            train.keys.sorted() == [
                "accuracy_per_step", "audio_seconds_per_second", "chance_bits", "codebook_size",
                "distinct_codes_per_group", "elapsed_seconds", "epoch", "extra_losses", "first_step",
                "gradient_clipped", "gradient_norm", "learning_rate", "loss_bits", "max_updates",
                "memory_bytes",
                "perplexity_per_group", "seconds_left", "temperature", "type", "update",
            ])
        #expect(train["loss_bits"] as? Double == 4.412)
        #expect(train["distinct_codes_per_group"] as? [Int] == [40, 38])
        #expect(train["gradient_norm"] as? String == "inf")
        #expect((train["accuracy_per_step"] as? [Any])?.first as? String == "nan")
        #expect((train["extra_losses"] as? [[String: Any]])?.first?["name"] as? String == "diversity")
        #expect(lines[1]["is_best"] as? Bool == true && lines[1]["utterances"] as? Int == 9)
        #expect(lines[2]["message"] as? String == "careful")
        #expect(screen.text.split(separator: "\n").count == 3)
    }

    @Test func resumingDropsLaterLinesAndAppends() throws {
        let folder = try Folder()
        let first = try folder.open()
        for update in [10, 20, 30, 40] { try first.report(progress(update: update)) }
        let cutOff = try FileHandle(forWritingTo: folder.log)
        try cutOff.seekToEnd()
        try cutOff.write(contentsOf: Data(#"{"type": "train", "upd"#.utf8))
        let second = try folder.open(30)
        try second.report(progress(update: 50))
        #expect(try folder.lines().map { $0["update"] as? Int } == [10, 20, 30, 50])
        _ = try folder.open()
        #expect(try folder.lines().isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["log.jsonl"])
        try FileManager.default.removeItem(at: folder.log)
        try folder.open(30).report(progress(update: 40))
        #expect(try folder.lines().count == 1)
    }

    @Test func aValidationThatWillBeRepeatedIsDropped() throws {
        let folder = try Folder()
        let first = try folder.open()
        try first.report(progress(update: 10))
        for update in [10, 20] {
            try first.report(
                ValidationResult(
                    update: update, maxUpdates: 30, utterances: 9, figures: figures(), isBest: true))
        }
        try first.report(progress(update: 20))
        _ = try folder.open(20, repeatsValidation: true)
        #expect(try folder.lines().map { $0["update"] as? Int } == [10, 10, 20])
        #expect(try folder.lines().map { $0["type"] as? String } == ["train", "validation", "train"])
    }

    /// What could not be replaced stays, and nothing is left beside it.
    @Test func aLogThatCannotBeReplaced() throws {
        let folder = try Folder()
        try folder.open().report(progress(update: 10))
        try FileManager.default.createSymbolicLink(
            at: folder.url.appending(path: "loop"), withDestinationURL: folder.url.appending(path: "loop"))
        let log = TrainingLog(output: Screen().output())
        #expect(throws: (any Error).self) { try log.open(folder.url.path + "/loop", resumingAfter: 0) }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(Set(names) == ["log.jsonl", "loop"])
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
        let folder = try Folder()
        let file = folder.url.appending(path: "missing/log.jsonl")
        do {
            try TrainingLog(output: Screen().output()).open(file.path)
            Issue.record("no error")
        } catch let error as TrainingError {
            #expect(error.description.contains("missing/log.jsonl: the log cannot be written; No such file"))
        }
    }

    @Test func pipesGetPlainLines() throws {
        let (folder, screen) = (try Folder(), Screen())
        let log = try folder.open(screen: screen)
        try log.report(progress(update: 1))
        log.note("saved")
        try log.report(progress(update: 2))
        log.finish()
        #expect(screen.text == "\(progress(update: 1).line)\nsaved\n\(progress(update: 2).line)\n")
    }

    @Test func terminalsGetOneLineRewrittenInPlace() throws {
        let (folder, screen) = (try Folder(), Screen())
        let log = try folder.open(screen: screen, width: 61)
        let (one, two) = (progress(update: 1).line(width: 60), progress(update: 2).line(width: 60))
        log.note("start")
        try log.report(progress(update: 1))
        log.note("saved")
        try log.report(progress(update: 2))
        log.finish()
        log.finish()
        let clear = "\r\u{1B}[K"
        #expect(screen.text == "start\n\(clear)\(one)\(clear)saved\n\(one)\(clear)\(two)\n")
    }

    @Test func memoryIsMeasured() {
        #expect(ProcessMemory.peakBytes > 1 << 20)
    }
}

@Suite struct CollapseWarningTests {
    private func line(_ perplexity: [Double], _ distinct: [Int], of size: Int = 64) -> PredictionFigures {
        var figures = figures()
        (figures.perplexityPerGroup, figures.distinctCodesPerGroup) = (perplexity, distinct)
        figures.codebookSize = size
        return figures
    }

    private func configuration(_ kind: QuantizerConfiguration.Kind) -> RunConfiguration {
        var configuration = RunConfiguration()
        configuration.model.quantizer.kind = kind
        return configuration
    }

    @Test func warnsOnceForEachCollapse() {
        var warning = CollapseWarning(configuration(.kmeans))
        let (good, bad) = (line([20, 20], [40, 40]), line([20, 1.04], [40, 2]))
        #expect(warning.observe(bad) == nil)
        #expect(warning.observe(bad) == nil)
        #expect(
            warning.observe(bad)
                == "codebook collapse: group 2 of 2 uses 2 of 64 codewords (perplexity 1.0); try "
                + "codebook.initialize_from_data=true, codebook.restart_after_updates=100, "
                + "a lower schedule.learning_rate")
        for _ in 0..<10 { #expect(warning.observe(bad) == nil) }
        #expect(warning.observe(good) == nil)
        #expect(warning.observe(bad) == nil)
        #expect(warning.observe(bad) == nil)
        #expect(warning.observe(bad) != nil)
    }

    @Test func aGoodLineBetweenStartsTheCountAgain() {
        var warning = CollapseWarning(configuration(.gumbel))
        for _ in 0..<5 {
            #expect(warning.observe(line([1, 1], [1, 1])) == nil)
            #expect(warning.observe(line([1, 1], [1, 1])) == nil)
            #expect(warning.observe(line([9, 9], [20, 20])) == nil)
        }
    }

    @Test(arguments: [
        ([1.9, 9], [10, 20], 64, true), ([2.1, 9], [10, 20], 64, false), ([9, 9], [3, 20], 64, true),
        ([9, 9], [4, 20], 64, false), ([9, 9], [15, 20], 320, true), ([9, 9], [16, 20], 320, false),
        ([1.5, 1.5], [2, 2], 2, false), ([1.05, 1.5], [2, 2], 2, true), ([], [], 0, false),
    ])
    func thresholds(perplexity: [Double], distinct: [Int], size: Int, collapsed: Bool) {
        var warning = CollapseWarning(configuration(.gumbel))
        let results = (0..<3).map { _ in warning.observe(line(perplexity, distinct, of: size)) }
        #expect((results.last != .some(nil)) == collapsed)
    }

    @Test func remediesInUseAreNotNamed() throws {
        var run = configuration(.gumbel)
        func text() throws -> String {
            var warning = CollapseWarning(run)
            return try #require((0..<3).compactMap { _ in warning.observe(line([1, 1], [1, 1])) }.first)
        }
        #expect(
            try text().hasSuffix(
                "; try codebook.initialize_from_data=true, loss.diversity_weight=0.001, "
                    + "a lower schedule.learning_rate"))
        run.loss.diversityWeight = 0.1
        run.codebook.initializeFromData = true
        #expect(try text().hasSuffix("; try a lower schedule.learning_rate"))
        run = configuration(.kmeans)
        run.codebook.initializeFromData = true
        #expect(
            try text().hasSuffix("; try codebook.restart_after_updates=100, a lower schedule.learning_rate"))
    }
}

@Suite struct DivergenceWarningTests {
    @Test func warnsOnceForEachDivergence() throws {
        let (folder, screen) = (try Folder(), Screen())
        let log = try folder.open(screen: screen)
        for (update, loss) in [9.0, 60, 60, 4, 60, 60, 60, 2e6, 2e6, 4, 2e6, 2e6, 2e6].enumerated() {
            var line = progress(update: update)
            var values = figures()
            values.lossBits = loss
            line.figures = values
            try log.report(line)
        }
        let warnings = try folder.lines().filter { $0["type"] as? String == "warning" }
        #expect(warnings.map { $0["update"] as? Int } == [6, 12])
        #expect(
            screen.text.contains(
                "warning: the run diverges: a loss of 60 bits is far above chance (4.83 bits)"))
        #expect(
            screen.text.contains("a loss of 2000000 bits") && screen.text.contains("schedule.learning_rate"))
    }
}
