import Checkpoints
import Layers
import Testing
import Training
import VQWav2Vec
import Wav2Vec2

@Suite struct PresetTests {
    @Test(arguments: Preset.vqWav2Vec, QuantizerConfiguration.Kind.allCases)
    func everyPresetWorksWithEveryQuantizer(preset: Preset, kind: QuantizerConfiguration.Kind) throws {
        let run = try RunConfiguration.resolve(preset: preset, settings: ["quantizer.kind=\(kind)"])
        #expect(run.model.quantizer.kind == kind)
        #expect(run.model.samplesPerFrame == 160)
        #expect(run.model.receptiveField == 465)
        #expect(run.data.sampleRate == 16_000)
        #expect(run.model.prediction.negatives == (preset == .wav2vecSmall ? 128 : 10))
    }

    @Test(arguments: [Preset.wav2vec2Small, .wav2vec2Base, .wav2vec2Large])
    func wav2vec2(preset: Preset) throws {
        let run = try RunConfiguration.resolve(preset: preset, settings: ["transformer.layers=2"])
        let model = try #require(run.wav2vec2)
        #expect(model.transformer.layers == 2 && model.samplesPerFrame == 320 && model.receptiveField == 400)
        let rate = LearningRateSchedule(run.schedule, maxUpdates: run.training.maxUpdates)
        #expect(rate.rate(at: 0) == 0 && rate.rate(at: run.training.maxUpdates) == 0)
        #expect(abs(rate.rate(at: run.schedule.warmupUpdates) - run.schedule.learningRate) < 1e-15)
        #expect(throws: (any Error).self) {
            try RunConfiguration.resolve(preset: preset, settings: ["quantizer.kind=kmeans"])
        }
        #expect(throws: (any Error).self) {
            try RunConfiguration.resolve(preset: .small, settings: ["family=wav2vec2"])
        }
    }

    /// As counted by fairseq.
    @Test func wav2vec2Parameters() throws {
        let base = try Wav2Vec2Model(uninitialized: .base)
        #expect(base.parameters.reduce(0) { $0 + $1.count } == 95_044_608)
        let large = try Wav2Vec2Model(uninitialized: .large)
        #expect(large.parameters.reduce(0) { $0 + $1.count } == 317_390_592)
    }

    @Test func paper() {
        let run = Preset.paper.configuration
        #expect(run.model.activation == .relu)
        #expect(run.model.encoder.layers.map(\.kernel) == [10, 8, 4, 4, 4, 1, 1, 1])
        #expect(run.model.aggregator.layers.map(\.kernel) == Array(2...13))
        #expect(run.model.quantizer.depth == 1)
        #expect(run.model.quantizer.groups == 2 && run.model.quantizer.variables == 320)
        #expect(run.model.prediction.steps == 8 && run.model.firstStep == 1)
        let rate = LearningRateSchedule(run.schedule, maxUpdates: run.training.maxUpdates)
        #expect(run.training.maxUpdates == 400_000)
        #expect(rate.rate(at: 0) == 1e-7 && rate.rate(at: 500) == 5e-3)
        #expect(abs(rate.rate(at: 399_999) - 1e-6) < 1e-12)
        let temperature = TemperatureSchedule(
            run.model.quantizer.temperature, maxUpdates: run.training.maxUpdates)
        #expect(temperature.temperature(at: 140_000) == 1.25)
        #expect(temperature.temperature(at: 280_000) == 0.5)
        #expect(run.data.maxSampleSize == 150_000)
        #expect(run.loss.diversityWeight == 0)
        #expect(!run.codebook.initializeFromData && run.codebook.restartAfterUpdates == 0)
    }

    @Test func ablation() {
        let run = Preset.ablation.configuration
        #expect(
            run.model.encoder.layers.map { [$0.channels, $0.kernel, $0.stride] } == [
                [512, 10, 5], [512, 8, 4], [512, 4, 2], [512, 4, 2], [512, 4, 2],
            ])
        #expect(run.model.aggregator.layers == Array(repeating: ConvolutionLayer(512, 3, 1), count: 7))
        #expect(run.training.maxUpdates == 40_000)
        var rest = Preset.paper.configuration
        rest.model.encoder = run.model.encoder
        rest.model.aggregator = run.model.aggregator
        rest.training.maxUpdates = 40_000
        #expect(run == rest)
    }

    @Test func fairseq() {
        let run = Preset.fairseq.configuration
        #expect(run.model == ModelConfiguration())
        #expect(run.model.activation == .gelu && run.model.quantizer.depth == 2)
        #expect(run.model.quantizer.combineGroups)
        #expect(run.model.prediction.steps == 12 && run.model.firstStep == 3)
        #expect(run.schedule.learningRate == 1e-5 && run.schedule.minimumLearningRate == 1e-6)
        #expect(run.schedule.warmupUpdates == 1000)
        #expect(run.data.maxSamples * run.training.accumulateBatches == 300 * run.data.sampleRate)
        #expect(run.model.quantizer.temperature.schedule == .exponential)
        #expect(run.loss.kmeansWeight == 1 && run.loss.diversityWeight == 0)
        #expect(!run.codebook.initializeFromData && run.codebook.restartAfterUpdates == 0)
        #expect(run.training.maxUpdates == 400_000)
    }

    @Test func small() {
        let run = Preset.small.configuration
        #expect(run.model.encodedChannels == 128 && run.model.contextChannels == 128)
        #expect(run.model.encoder.layers.map(\.kernel) == [10, 8, 4, 4, 4])
        #expect(run.model.aggregator.layers.map(\.kernel) == [3, 3, 3, 3, 3, 3, 3])
        #expect(run.model.quantizer.groups == 2 && run.model.quantizer.variables == 64)
        #expect(run.model.prediction.steps == 12)
        #expect(run.data.maxSampleSize == 24_000 && run.data.maxUtterances == 8)
    }

    /// The recipe that `docs/results.md` was measured with, key by key.
    @Test func wav2vecSmall() throws {
        let encoder = "[[64, 10, 5], [64, 8, 4], [128, 4, 2], [256, 4, 2], [256, 4, 2]]"
        let aggregator = "[" + Array(repeating: "[256, 3, 1]", count: 7).joined(separator: ", ") + "]"
        let recipe = try RunConfiguration.resolve(
            preset: .small,
            settings: [
                "encoder.layers=\(encoder)", "aggregator.layers=\(aggregator)", "quantizer.kind=none",
                "prediction.infonce=true", "prediction.negatives=128", "schedule.learning_rate=3e-3",
                "data.covers_recordings=true", "augmentation.speed=0.12", "training.max_updates=14000",
                "training.log_every=100", "training.validate_every=1000", "training.save_every=1000",
            ])
        #expect(Preset.wav2vecSmall.configuration == recipe)
    }
}
