import Foundation
import Tensors
import TestSupport
import Testing
import Training

@Suite struct TrainingLogTests {
    @Test func everyLineIsOneObject() throws {
        let (folder, screen) = (try LogFolder(), Screen())
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
                "accuracy_per_step", "audio_seconds_per_second", "audio_seconds_per_update", "chance_bits",
                "codebook_size",
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
        let folder = try LogFolder()
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
        #expect(try folder.temporary.names == ["log.jsonl"])
        try FileManager.default.removeItem(at: folder.log)
        try folder.open(30).report(progress(update: 40))
        #expect(try folder.lines().count == 1)
    }

    @Test func aValidationThatWillBeRepeatedIsDropped() throws {
        let folder = try LogFolder()
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
        let folder = try LogFolder()
        try folder.open().report(progress(update: 10))
        try FileManager.default.createSymbolicLink(
            atPath: folder.temporary.file("loop"), withDestinationPath: folder.temporary.file("loop"))
        let log = TrainingLog(output: Screen().output())
        #expect(throws: (any Error).self) { try log.open(folder.temporary.file("loop"), resumingAfter: 0) }
        let names = try folder.temporary.names
        #expect(Set(names) == ["log.jsonl", "loop"])
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
        let folder = try LogFolder()
        let file = folder.temporary.url.appending(path: "missing/log.jsonl")
        do {
            try TrainingLog(output: Screen().output()).open(file.path)
            Issue.record("no error")
        } catch let error as TrainingError {
            #expect(error.description.contains("missing/log.jsonl: the log cannot be written; No such file"))
        }
    }

    @Test func pipesGetPlainLines() throws {
        let (folder, screen) = (try LogFolder(), Screen())
        let log = try folder.open(screen: screen)
        try log.report(progress(update: 1))
        log.note("saved")
        try log.report(progress(update: 2))
        log.finish()
        #expect(screen.text == "\(progress(update: 1).line)\nsaved\n\(progress(update: 2).line)\n")
    }

    @Test func terminalsGetOneLineRewrittenInPlace() throws {
        let (folder, screen) = (try LogFolder(), Screen())
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
