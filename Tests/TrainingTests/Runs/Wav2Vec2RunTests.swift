import Autodiff
import Checkpoints
import Foundation
import Speech
import SystemPackage
import Tensors
import TestSupport
import Testing
import Training
import Wav2Vec2

/// A configuration of wav2vec 2.0 that trains in milliseconds, with everything random.
func tinyWav2Vec2(updates: Int = 6) -> RunConfiguration {
    var run = Preset.wav2vec2Small.configuration
    var model = Wav2Vec2Configuration()
    model.extractor.layers = [.init(8, 10, 5), .init(8, 8, 4)]
    model.quantizer.variables = 8
    (model.transformer.layers, model.transformer.heads) = (2, 2)
    (model.transformer.width, model.transformer.innerWidth) = (16, 24)
    (model.transformer.positionKernel, model.transformer.positionGroups) = (6, 2)
    (model.transformer.activationDropout, model.transformer.layerDrop) = (0.1, 0.3)
    (model.mask.time.length, model.mask.channels.probability) = (4, 0.1)
    model.prediction.width = 12
    model.prediction.negatives = 5
    run.wav2vec2 = model
    run.schedule.learningRate = 2e-3
    run.schedule.warmupUpdates = 2
    run.data.maxSampleSize = 1000
    run.data.maxSamples = 8000
    run.data.maxUtterances = 2
    run.data.validationFraction = 0.3
    run.training.maxUpdates = updates
    run.training.accumulateBatches = 2
    run.training.logEvery = 1
    run.training.validateEvery = 3
    run.training.saveEvery = 2
    return run
}

/// The same without dropout and penalty, as LARGE is.
private func calm(_ run: RunConfiguration) -> RunConfiguration {
    var (run, model) = (run, run.wav2vec2 ?? Wav2Vec2Configuration())
    model.extractor.norm = .layer
    model.extractor.normalizesWaveforms = true
    model.loss.penaltyWeight = 0
    (model.extractor.dropout, model.extractor.targetDropout) = (0, 0)
    model.extractor.gradientScale = 1
    (model.transformer.dropout, model.transformer.attentionDropout) = (0, 0)
    (model.transformer.activationDropout, model.transformer.layerDrop) = (0, 0)
    model.mask.channels.probability = 0
    run.wav2vec2 = model
    run.training.accumulateBatches = 1
    return run
}

@Suite(.serialized) struct Wav2Vec2RunTests {
    /// N updates, a stop, and the rest give the bits of a whole run, on any number of threads.
    @Test(arguments: [1, 4])
    func resumesBitForBit(stopAfter: Int) throws {
        let runs = try TinyRuns()
        let run = tinyWav2Vec2()
        let threads = Parallel.threads
        defer { Parallel.threads = threads }
        Parallel.threads = 1
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: stopAfter)
        #expect(try Checkpoint(path: parts.last).state.update == stopAfter)
        Parallel.threads = 3
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
        // Otherwise equal bits would say nothing.
        let shorter = try runs.train("shorter", run, upTo: 5)
        #expect(try shorter.bytes(shorter.last) != whole.bytes(whole.last))
        // Validations say the same, too.
        let lines = try [whole, parts].map {
            try $0.logLines("validation").map { NSDictionary(dictionary: $0) }
        }
        #expect(lines[0].count == 2 && lines[0] == lines[1])
    }

    /// The same with rows of different lengths, normalised.
    @Test func paddedRunsResumeBitForBit() throws {
        let runs = try TinyRuns()
        var run = tinyWav2Vec2()
        run.data.padding = true
        run.data.maxSampleSize = 1900
        run.wav2vec2?.extractor.normalizesWaveforms = true
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: 4)
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        run.data.padding = false
        let cropped = try runs.train("cropped", run)
        let seconds = try [whole, cropped].map {
            try $0.logLines("train").compactMap { $0["audio_seconds_per_update"] as? Double }
        }
        #expect(zip(seconds[0], seconds[1]).contains { $0 > $1 }, "\(seconds)")
    }

    /// What is behind the end of a recording makes no difference to it: as if it were alone in the batch.
    @Test func paddingIsNotLookedAt() throws {
        var run = tinyWav2Vec2()
        run.data.padding = true
        // A group norm sees the zeros, as fairseq's does.
        run.wav2vec2?.extractor.norm = .layer
        run.wav2vec2?.extractor.normalizesWaveforms = true
        (run.data.maxSampleSize, run.data.validationFraction) = (2000, 0)
        let runs = try TinyRuns(recordings: 2)
        let data = try TrainingData([SystemPackage.FilePath(runs.data)], configuration: run)
        let training = try Wav2Vec2Training(run)
        func context(_ batch: Batch) throws -> Tensor {
            let step = try training.step(
                batch, at: StepPlace(update: 0, index: 0, isTraining: false), on: Tape(recording: false))
            return try #require(step.tensors.first { $0.name == "features z" }?.tensor)
        }
        let planned = data.training.batches(epoch: 0)[0]
        let both = try Batch(
            reading: planned, from: WaveformStore(sampleRate: 16000, measuresLevels: true))
        let shorter = try #require(both.lengths.indices.min { both.lengths[$0] < both.lengths[$1] })
        #expect(both.batchSize == 2 && both.lengths[shorter] < both.samples)
        var alone = both
        (alone.batchSize, alone.samples) = (1, both.lengths[shorter])
        alone.ids = [both.ids[shorter]]
        (alone.lengths, alone.levels) = ([alone.samples], [both.levels[shorter]])
        alone.waveforms = Array(
            both.waveforms[shorter * both.samples..<shorter * both.samples + alone.samples])
        let (padded, own) = (try context(both), try context(alone))
        let width = own.shape[2]
        let first = shorter * padded.shape[1] * width
        // Sums over other numbers of rows round differently.
        for index in 0..<own.count {
            #expect(abs(padded.pointer[first + index] - own.pointer[index]) < 2e-6)
        }
    }

    /// fairseq normalises recordings before it crops them: how loud a crop is stays in it.
    @Test func wholeRecordingsAreNormalised() throws {
        var run = tinyWav2Vec2()
        run.wav2vec2?.extractor.normalizesWaveforms = true
        let training = try Wav2Vec2Training(run)
        let samples: [Float] = (0..<3000).map { index in
            let loudness = index < 1500 ? 0.01 : 0.5
            return Float(loudness * sin(Double(index * index) / 900) + 0.1)
        }
        let level = SampleLevel(of: samples)
        let scale = 1 / (level.variance + 1e-5).squareRoot()
        let expected = samples[200..<1200].map { Float((Double($0) - level.mean) * scale) }
        let batch = Batch(
            waveforms: Array(samples[200..<1200]), batchSize: 1, samples: 1000, ids: [0], paths: ["a"],
            cropStarts: [200], lengths: [1000], levels: [level], position: .start)
        let step = try training.step(
            batch, at: StepPlace(update: 0, index: 0, isTraining: false), on: Tape(recording: false))
        let z = try #require(step.tensors.first { $0.name == "extractor output" }?.tensor)
        let own = training.model.extract(Tensor(expected, shape: [1, 1000]), on: Tape(recording: false))
        #expect(z.values == own.extracted.value.values)
        #expect(level.variance > 10 * SampleLevel(of: batch.waveforms).variance)
    }

    @Test func tellsWhatItDoes() throws {
        let runs = try TinyRuns()
        let screen = RunScreen()
        let run = tinyWav2Vec2()
        let folder = try runs.train("run", run, screen: screen)
        let lines = try folder.logLines("train")
        #expect(lines.count == 6)
        for key in [
            "loss_bits", "chance_bits", "accuracy", "masked_share", "excluded_share", "diversity_bits",
            "penalty_bits", "softmax_perplexity_per_group", "perplexity_per_group", "temperature",
        ] {
            #expect(lines.allSatisfy { $0[key] != nil }, "\(key)")
        }
        #expect(lines.allSatisfy { abs(($0["chance_bits"] as? Double ?? 0) - log2(6)) < 1e-9 })
        // The first update has rate 0, the last but one is half way down.
        #expect(lines.map { $0["learning_rate"] as? Double } == [0, 1e-3, 2e-3, 1.5e-3, 1e-3, 5e-4])
        #expect(screen.text.contains("equal negatives") && screen.text.contains("softmax"))
        #expect(try folder.logLines("validation").count == 2)
    }

    /// The checkpoint says what model it is; its weights are those that were saved.
    @Test func checkpointsHoldTheModel() throws {
        let runs = try TinyRuns()
        let run = tinyWav2Vec2(updates: 2)
        let checkpoint = try Checkpoint(path: runs.train("run", run).last)
        #expect(checkpoint.configuration == run)
        let model = try checkpoint.wav2vec2Model()
        let training = try Wav2Vec2Training(resuming: checkpoint, configuration: run)
        #expect(
            zip(model.parameters, training.model.parameters).allSatisfy {
                $0.variable.value.values == $1.variable.value.values
            })
        #expect(throws: (any Error).self) { try checkpoint.model() }
    }

    /// Runs that collapse are told so, with a remedy: to one codeword per group without the diversity loss, and to equal
    /// scores where a decay takes all of the weights.
    @Test(arguments: [
        (0.0, 0.0, "one codeword per group", "loss.diversity_weight"),
        (0.1, 4.0, "all scores are equal", "schedule.learning_rate"),
    ])
    func collapsesAreTold(diversity: Double, decay: Double, name: String, remedy: String) throws {
        let runs = try TinyRuns()
        var run = calm(tinyWav2Vec2(updates: 60))
        run.wav2vec2?.loss.diversityWeight = diversity
        run.optimizer.weightDecay = decay
        run.schedule.learningRate = decay > 0 ? 0.25 : 3
        run.training.logEvery = 4
        run.training.validateEvery = 0
        let folder = try runs.train("run", run)
        let messages = try folder.logLines("warning").compactMap { $0["message"] as? String }
        #expect(messages.contains { $0.contains(name) && $0.contains(remedy) }, "\(messages)")
    }

    /// On four tones the loss falls far below that of equal scores.
    @Test func learns() throws {
        let runs = try TinyRuns()
        var run = calm(tinyWav2Vec2(updates: 400))
        run.wav2vec2?.quantizer.temperature.decay = 0.99
        run.schedule.learningRate = 5e-3
        run.schedule.warmupUpdates = 20
        run.training.logEvery = 50
        run.training.validateEvery = 0
        let folder = try runs.train("run", run)
        let losses = try folder.logLines("train").compactMap { $0["loss_bits"] as? Double }
        let last = try #require(losses.last)
        #expect(last < 0.85 * log2(6), "\(losses)")
    }
}
