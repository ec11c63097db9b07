import Checkpoints
import Foundation
import TestSupport
import Testing
import Training
import VQWav2Vec

@Suite struct LearningTests {
    @Test(arguments: QuantizerConfiguration.Kind.allCases)
    func easySoundsAreLearned(kind: QuantizerConfiguration.Kind) throws {
        let runs = try TinyRuns()
        var run = tiny(kind, updates: 150)
        run.model.encoder.layers = [.init(16, 10, 5), .init(16, 8, 4)]
        run.model.aggregator.layers = [.init(16, 3, 1), .init(16, 3, 1)]
        run.model.quantizer.variables = 8
        run.schedule.learningRate = 5e-3
        run.schedule.warmupUpdates = 10
        run.training.logEvery = 50
        let folder = try runs.train("run", run)
        let line = try #require(try folder.logLines("validation").last)
        let (loss, chance) = (
            try #require(line["loss_bits"] as? Double), try #require(line["chance_bits"] as? Double)
        )
        #expect(loss < chance - 0.7)
        let accuracy = try #require(line["accuracy_per_step"] as? [Double])
        #expect(accuracy.min() ?? 0 > 0.4)
    }

    @Test func theBestCheckpointIsThatOfTheLowestValidationLoss() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 8)
        run.schedule.learningRate = 1
        run.schedule.warmupUpdates = 6
        run.training.validateEvery = 1
        let folder = try runs.train("run", run)
        let losses = try folder.logLines("validation").map { try #require($0["loss_bits"] as? Double) }
        #expect(losses.count == 8)
        let lowest = try #require(losses.min())
        let best = try Checkpoint(path: folder.best).state
        #expect(best.bestLoss == lowest)
        #expect(losses.firstIndex(of: lowest) == best.update - 1)
        #expect(best.update < 8, "the run was to get worse")
        let last = try Checkpoint(path: folder.last).state
        #expect(last.update == 8 && last.bestLoss == lowest)
        for (line, loss) in zip(try folder.logLines("validation"), losses) {
            let earlier = losses.prefix(while: { $0 != loss })
            #expect(line["is_best"] as? Bool == earlier.allSatisfy { $0 > loss })
        }
    }

    @Test func theLogHasEveryFigure() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(.kmeans))
        let keys: Set = [
            "type", "update", "max_updates", "epoch", "elapsed_seconds", "seconds_left",
            "audio_seconds_per_second", "audio_seconds_per_update", "loss_bits", "chance_bits",
            "first_step", "accuracy_per_step",
            "perplexity_per_group", "distinct_codes_per_group", "codebook_size", "extra_losses",
            "learning_rate", "gradient_norm", "gradient_clipped", "memory_bytes",
        ]
        for line in try folder.logLines("train") { #expect(Set(line.keys) == keys) }
        #expect(try folder.updates("train") == Array(1...6))
        #expect(try folder.updates("validation") == [6])
        let gumbel = try runs.train("gumbel", tiny()).logLines("train")
        #expect(gumbel.allSatisfy { $0["temperature"] is Double })
        let text = try String(contentsOfFile: folder.configuration, encoding: .utf8)
        #expect(try RunConfiguration(yaml: text, name: "config.yaml") == tiny(.kmeans))
        #expect(try Checkpoint(path: folder.last).configuration == tiny(.kmeans))
    }

    @Test func collapsedCodebooksAreToldWithARemedy() throws {
        let runs = try TinyRuns()
        var run = tiny()
        run.model.quantizer.variables = 2048
        run.codebook.initializeFromData = false
        run.loss.diversityWeight = 0
        let screen = RunScreen()
        let folder = try runs.train("run", run, screen: screen)
        let warnings = try folder.logLines("warning")
        #expect(warnings.count == 1)
        let text = try #require(warnings.first?["message"] as? String)
        #expect(
            text.contains("codebook collapse: group ") && text.contains("loss.diversity_weight"), "\(text)")
        #expect(screen.text.contains("warning: codebook collapse"))
    }

    @Test func silentRecordingsAreToldOnce() throws {
        let runs = try TinyRuns()
        for index in 0..<3 {
            try runs.write(Array(repeating: 0, count: 1600), to: "data/silent-\(index).wav")
        }
        var run = tiny(updates: 12)
        run.data.validationFraction = 0
        let folder = try runs.train("run", run)
        let warnings = try folder.logLines("warning").compactMap { $0["message"] as? String }
        let silent = warnings.filter { $0.contains("every sample is zero") }
        #expect(Set(silent).count == 3 && silent.count == 3, "\(warnings)")
    }
}

@Suite struct HeldOutTests {
    /// Whatever share is drawn, recordings that are too short are not what is left to validate on.
    @Test func shortRecordingsAreNotHeldOut() throws {
        let runs = try TinyRuns(recordings: 3)
        for index in 0..<5 { try runs.write(tones(30, seed: 1), to: "data/short-\(index).wav") }
        for seed in 1...8 {
            var run = tiny()
            run.training.seed = seed
            let data = try TrainingData([runs.data], configuration: run)
            #expect(data.training.utterances.count == 2 && data.training.dropped == 5)
            #expect(data.validation?.utterances.count == 1 && data.validation?.dropped == 0)
        }
        for index in 0..<3 { try FileManager.default.removeItem(atPath: "\(runs.data)/\(index).wav") }
        let text = message { try TrainingData([runs.data], configuration: tiny()) }
        #expect(text.contains("all 5 recordings are shorter than 65 samples"), "\(text)")
    }
}
