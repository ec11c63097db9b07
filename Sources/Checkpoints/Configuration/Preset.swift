import Layers
import VQWav2Vec
import Wav2Vec2

/// Complete configurations by name. Those of vq-wav2vec have the Gumbel quantizer, but for `wav2vecSmall`, which has none;
/// another `quantizer.kind` needs no other change.
public enum Preset: String, CaseIterable, Sendable {
    /// fairseq's recipe with small numbers, for minutes on two cores.
    case small
    /// The small model that the paper's ablations use.
    case ablation
    /// The paper's model and schedule (arXiv 1910.05453).
    case paper
    /// The recipe in fairseq's `examples/wav2vec/README.md`, which the released models were trained with.
    case fairseq
    /// wav2vec in small, without a quantizer: features for `vqw2v cluster` after hours of speech and a quarter of an hour.
    case wav2vecSmall = "wav2vec-small"
    /// wav2vec 2.0 in small, for minutes on two cores.
    case wav2vec2Small = "wav2vec2-small"
    /// The BASE model as fairseq trains it on LibriSpeech (arXiv 2006.11477).
    case wav2vec2Base = "wav2vec2-base"
    /// The LARGE model as fairseq trains it on LibriVox.
    case wav2vec2Large = "wav2vec2-large"

    /// Those of vq-wav2vec.
    public static let vqWav2Vec: [Preset] = [.small, .ablation, .paper, .fairseq, .wav2vecSmall]

    /// Those of wav2vec 2.0.
    public static let wav2vec2: [Preset] = [.wav2vec2Small, .wav2vec2Base, .wav2vec2Large]

    /// The names of all presets, for messages.
    public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    public var configuration: RunConfiguration {
        switch self {
        case .small: .small
        case .ablation: .ablation
        case .paper: .paper
        case .fairseq: .fairseq
        case .wav2vecSmall: .wav2vecSmall
        case .wav2vec2Small: .wav2vec2Small
        case .wav2vec2Base: .wav2vec2Base
        case .wav2vec2Large: .wav2vec2Large
        }
    }
}

extension RunConfiguration {
    /// Five encoder layers and seven aggregator layers of 128 channels, two groups of 64 codewords, eight crops
    /// of 1.5 s per update: about three minutes on two cores. All remedies against collapse are on
    /// (`docs/training.md` has their effects). What is not set here is as in `fairseq`.
    fileprivate static var small: RunConfiguration {
        var run = RunConfiguration.fairseq
        run.model.encoder.layers = shortEncoder(channels: 128)
        run.model.aggregator.layers = shortAggregator(channels: 128)
        run.model.quantizer.variables = 64
        run.model.quantizer.temperature.decay = 0.999
        run.loss.diversityWeight = 0.001
        run.schedule.learningRate = 5e-4
        run.schedule.warmupUpdates = 50
        run.data.maxSampleSize = 24_000
        run.data.maxSamples = 8 * 24_000
        run.data.maxUtterances = 8
        run.codebook.initializeFromData = true
        run.codebook.restartAfterUpdates = 50
        run.training.accumulateBatches = 1
        run.training.maxUpdates = 1_500
        run.training.logEvery = 20
        run.training.validateEvery = 250
        run.training.saveEvery = 250
        return run
    }

    /// The paper's section 6.3: five encoder layers, seven aggregator layers of kernel 3, 40,000 updates.
    fileprivate static var ablation: RunConfiguration {
        var run = RunConfiguration.paper
        run.model.encoder.layers = shortEncoder(channels: 512)
        run.model.aggregator.layers = shortAggregator(channels: 512)
        run.training.maxUpdates = 40_000
        return run
    }

    /// The paper's sections 2, 3 and 5.2. Its weight λ = 10 of the expected negative term is what
    /// `prediction.negatives = 10` with weight 1 each sums to. Where the paper is silent (log compression,
    /// residual scale, padding, Adam's constants) this follows fairseq.
    fileprivate static var paper: RunConfiguration {
        var run = RunConfiguration()
        run.model.activation = .relu
        run.model.quantizer.depth = 1
        run.model.quantizer.temperature.schedule = .linear
        run.model.prediction.steps = 8
        run.model.prediction.offset = 1
        run.schedule.learningRate = 5e-3
        run.schedule.warmupUpdates = 500
        // Eight GPUs, as in the paper; ten crops on each are our reading of its batch size.
        run.data.maxSamples = 10 * 150_000
        run.data.maxUtterances = 10
        run.training.accumulateBatches = 8
        return run
    }

    /// `--max-lr 1e-05 --lr 1e-06 --warmup-updates 1000 --max-tokens 300000`, on 16 GPUs (300 s of audio per
    /// update), `--seed 2`; for k-means `--loss-weights [1]`. The rest are the defaults of the sections.
    fileprivate static var fairseq: RunConfiguration {
        var run = RunConfiguration()
        run.data.maxSamples = 300_000
        run.training.accumulateBatches = 16
        run.training.seed = 2
        return run
    }

    /// The best recipe of `docs/results.md` for clusters of z: a narrow beginning and 256 channels, softmax over 128
    /// negatives at a high rate, crops of all of each recording and at changing speed. The rest is as in `small`.
    fileprivate static var wav2vecSmall: RunConfiguration {
        var run = RunConfiguration.small
        run.model.encoder.layers = zip([64, 64, 128, 256, 256], run.model.encoder.layers).map {
            ConvolutionLayer($0, $1.kernel, $1.stride)
        }
        run.model.aggregator.layers = shortAggregator(channels: 256)
        run.model.quantizer.kind = .none
        run.model.prediction.negatives = 128
        run.model.prediction.infoNCE = true
        run.schedule.learningRate = 3e-3
        run.data.coversRecordings = true
        run.augmentation.speed = 0.12
        run.training.maxUpdates = 14_000
        run.training.logEvery = 100
        run.training.validateEvery = 1_000
        run.training.saveEvery = 1_000
        return run
    }

    /// What BASE and LARGE have in common: Adam with decay, 32,000 updates of warm-up from 0, then linear to 0.
    private static func wav2vec2(_ model: Wav2Vec2Configuration) -> RunConfiguration {
        var run = RunConfiguration()
        run.wav2vec2 = model
        (run.optimizer.beta2, run.optimizer.epsilon) = (0.98, 1e-6)
        run.optimizer.weightDecay = 0.01
        run.schedule.decay = .polynomial
        (run.schedule.minimumLearningRate, run.schedule.warmupInitialLearningRate) = (0, 0)
        run.schedule.warmupUpdates = 32_000
        run.data.minSampleSize = 32_000
        return run
    }

    /// fairseq's `wav2vec2_base_librispeech.yaml`: 1.4 million samples on each of 64 GPUs for each update.
    fileprivate static var wav2vec2Base: RunConfiguration {
        var run = RunConfiguration.wav2vec2(.base)
        run.schedule.learningRate = 5e-4
        run.data.maxSampleSize = 250_000
        run.data.maxSamples = 1_400_000
        run.training.accumulateBatches = 64
        return run
    }

    /// fairseq's `wav2vec2_large_librivox.yaml`: 1.2 million samples on each of 128 GPUs for each update.
    fileprivate static var wav2vec2Large: RunConfiguration {
        var run = RunConfiguration.wav2vec2(.large)
        run.schedule.learningRate = 5e-3
        run.data.maxSampleSize = 320_000
        run.data.maxSamples = 1_200_000
        run.training.accumulateBatches = 128
        run.training.maxUpdates = 1_000_000
        return run
    }

    /// Crops of 2 s, four for each update: about three minutes on two cores.
    fileprivate static var wav2vec2Small: RunConfiguration {
        var run = RunConfiguration.wav2vec2(.small)
        run.schedule.learningRate = 1e-3
        run.schedule.warmupUpdates = 30
        run.optimizer.weightDecay = 0
        run.data.minSampleSize = 0
        run.data.maxSampleSize = 32_000
        run.data.maxSamples = 4 * 32_000
        run.data.maxUtterances = 4
        run.training.maxUpdates = 3_000
        run.training.validateEvery = 250
        run.training.saveEvery = 250
        return run
    }

    private static func shortEncoder(channels: Int) -> [ConvolutionLayer] {
        [(10, 5), (8, 4), (4, 2), (4, 2), (4, 2)].map { ConvolutionLayer(channels, $0, $1) }
    }

    private static func shortAggregator(channels: Int) -> [ConvolutionLayer] {
        Array(repeating: ConvolutionLayer(channels, 3, 1), count: 7)
    }
}
