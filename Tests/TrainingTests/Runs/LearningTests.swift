import Foundation
import Interchange
import Tensors
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
            "audio_seconds_per_second", "loss_bits", "chance_bits", "first_step", "accuracy_per_step",
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

/// The first number that is not finite ends a run, and the last checkpoint is still good.
@Suite struct NonFiniteRunTests {
    private func expectGood(_ folder: RunFolder, update: Int) throws {
        let checkpoint = try Checkpoint(path: folder.last)
        #expect(checkpoint.state.update == update)
        for parameter in try checkpoint.model().parameters {
            let isGood = parameter.variable.value.values.allSatisfy { $0.isFinite }
            #expect(isGood, "\(parameter.name)")
        }
    }

    /// Of batches whose gradients are summed any can be to blame.
    @Test func everyBatchOfAnUpdateIsNamed() throws {
        let runs = try TinyRuns()
        var run = tiny()
        run.schedule.warmupUpdates = 0
        run.schedule.learningRate = 1e39
        run.training.accumulateBatches = 2
        let text = message { try runs.train("run", run) }
        #expect(text.components(separatedBy: ".wav").count == 5, "\(text)")
    }

    @Test func aBadWeight() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 2)
        // Finite; what is computed with it is not.
        try folder.rewriteLast(change: {
            ($1, $0.hasPrefix("feature_aggregator") ? $2.map { _ in 3e38 } : $2)
        })
        let before = try folder.bytes(folder.last)
        let text = message { try runs.train("run", tiny(), resume: true) }
        #expect(text.hasPrefix("update 3: context c is not finite, in a batch of "), "\(text)")
        #expect(text.contains(".wav, ") && text.contains("schedule.learning_rate"), "\(text)")
        #expect(try folder.bytes(folder.last) == before)
    }

    @Test func aCheckpointWithoutNumbers() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 2)
        let name = "feature_aggregator.conv_layers.1.1.weight"
        try folder.rewriteLast(change: { ($1, $0 == name ? [.nan] + $2.dropFirst() : $2) })
        #expect(
            message { try Checkpoint(path: folder.last).model() }
                == "\(folder.last): \(name) holds numbers that are not finite; use another checkpoint")
    }

    @Test func anUpdateToInfinity() throws {
        let runs = try TinyRuns()
        var run = tiny()
        // The rate climbs from a good one to one that no weight survives.
        run.schedule.warmupInitialLearningRate = 1e-3
        run.schedule.learningRate = 1e39
        run.training.saveEvery = 1
        let text = message { try runs.train("run", run) }
        #expect(text.hasPrefix("update 2: parameter "), "\(text)")
        try expectGood(runs.folder("run"), update: 1)
    }

    @Test func aValidationWithoutANumber() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 2)
        // Finite weights, of which the scores are not.
        run.schedule.warmupInitialLearningRate = 1e-3
        run.schedule.learningRate = 1e25
        run.schedule.warmupUpdates = 1
        run.training.saveEvery = 1
        let text = message { try runs.train("run", run) }
        #expect(text.hasPrefix("validation after update 2: "), "\(text)")
        #expect(text.contains(" is not finite, in a batch of ") && text.contains(".wav"), "\(text)")
        try expectGood(runs.folder("run"), update: 1)
    }
}

@Suite struct CodebookStartTests {
    private func model(_ kind: QuantizerConfiguration.Kind) throws -> Model {
        var configuration = tiny(kind).model
        configuration.quantizer.variables = 8
        return try Model(configuration)
    }

    /// [2, 1600].
    private var batch: Tensor {
        Tensor((tones(1600, seed: 1) + tones(1600, seed: 2)).map { Float($0) / 32768 }, shape: [2, 1600])
    }

    private func step(_ model: Model) throws -> StepOutput {
        try model.step(
            batch, temperature: 1, losses: QuantizerLosses(),
            noise: StepNoise(training: false, items: [0, 1]),
            on: Tape(recording: false))
    }

    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func codewordsAreInUseAndPredictionsAtThePrior(kind: QuantizerConfiguration.Kind) throws {
        let model = try model(kind)
        model.initializeFromData(batch, stream: RandomStream(seed: 1, purpose: .codebookRestart))
        let output = try step(model)
        let quantization = try #require(output.quantization)
        var usage = CodebookUsage(groups: 2, variables: 8)
        usage.add(quantization.noiseFreeIDs)
        #expect(usage.distinctPerGroup.allSatisfy { $0 >= 4 }, "\(usage.distinctPerGroup)")

        // Every prediction is the bias, whose product with the mean target is −log of the number of negatives.
        let bias = output.predictions.value.values.prefix(8)
        let quantized = quantization.quantized.value.values
        let score = quantized.indices.reduce(0.0) { $0 + Double(quantized[$1] * bias[$1 % 8]) }
        #expect(abs(score / Double(quantized.count / 8) + log(3)) < 1e-3)
        let bits = Double(output.predictionLoss.value.scalar) / Double(output.positives) / log(2)
        #expect(abs(bits - model.configuration.prediction.chanceBits) < 0.5)
    }

    @Test func restartedCodewordsAreChosen() throws {
        let model = try model(.kmeans)
        let quantizer = try #require(model.quantizer)
        let z = model.encode(batch)
        let before = quantizer.codebook.variable.value.values
        let stream = RandomStream(seed: 3, purpose: .codebookRestart)
        #expect(quantizer.restartCodewords([2, 5], from: z, stream: stream) == 2)
        let after = quantizer.codebook.variable.value.values
        let width = 4
        for row in 0..<before.count / width {
            let isSame = before[row * width..<(row + 1) * width] == after[row * width..<(row + 1) * width]
            #expect(isSame == (row != 2 && row != 5))
        }
        let ids = try #require(try step(model).quantization).noiseFreeIDs
        #expect(ids.contains(2) && ids.contains(5))
    }

    @Test func onlyUnusedCodewordsAreRestartedAndOnlyWhereThatHelps() throws {
        let runs = try TinyRuns()
        var run = tiny(.kmeans)
        run.model.quantizer.variables = 64
        run.codebook.initializeFromData = false
        run.codebook.restartAfterUpdates = 2
        let screen = RunScreen()
        try runs.train("kmeans", run, screen: screen)
        #expect(screen.text.contains("update 2: restarted "))
        #expect(!screen.text.contains("update 3: restarted "))
        run.model.quantizer.kind = .gumbel
        let other = RunScreen()
        try runs.train("gumbel", run, screen: other)
        #expect(!other.text.contains("restarted"))
    }
}
