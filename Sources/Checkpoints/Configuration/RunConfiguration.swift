import Layers
import Tensors
import VQWav2Vec
import Wav2Vec2

/// Everything that decides a training run: the model, the loss, the optimizer, the data and the bookkeeping.
///
/// In files the model's parts stand at the top level beside the others (`quantizer.kind`, `optimizer.beta1`).
/// The resolved configuration is saved whole in the run folder and in every checkpoint.
public struct RunConfiguration: Codable, Equatable, Sendable {
    public var model = ModelConfiguration()
    /// A model of another family, with what it adds to its loss; `model`, `loss` and `codebook` mean nothing then, and
    /// stand in no file.
    public var wav2vec2: Wav2Vec2Configuration?
    /// A model of a third family, for features only, in place of both.
    public var hubert: HubertConfiguration?
    public var loss = LossConfiguration()
    public var optimizer = OptimizerConfiguration()
    public var schedule = ScheduleConfiguration()
    public var data = DataConfiguration()
    public var augmentation = AugmentationConfiguration()
    public var codebook = CodebookConfiguration()
    public var training = TrainingConfiguration()

    public init() {}

    /// The model, as far as its ids and frames are concerned.
    public var units: any UnitModelConfiguration {
        if let wav2vec2 { wav2vec2 } else if let hubert { hubert } else { model }
    }

    /// Samples of the shortest recording that there is a prediction in.
    package var minimumTrainingSamples: Int {
        wav2vec2?.minimumTrainingSamples ?? model.minimumTrainingSamples
    }

    /// Whether `model` is that of vq-wav2vec or wav2vec.
    public var isVQWav2Vec: Bool { wav2vec2 == nil && hubert == nil }

    enum CodingKeys: String, CodingKey {
        case family, loss, optimizer, schedule, data, augmentation, codebook, training
    }

    /// Values of the top-level key `family`. Without it the model is vq-wav2vec, or wav2vec.
    package static let (wav2vec2Family, hubertFamily) = ("wav2vec2", "hubert")

    /// The value of the key.
    package var family: String? {
        wav2vec2 != nil ? Self.wav2vec2Family : hubert != nil ? Self.hubertFamily : nil
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decodeIfPresent(String.self, forKey: .family) {
        case Self.wav2vec2Family: wav2vec2 = try Wav2Vec2Configuration(from: decoder)
        case Self.hubertFamily: hubert = try HubertConfiguration(from: decoder)
        default:
            model = try ModelConfiguration(from: decoder)
            loss = try container.decode(LossConfiguration.self, forKey: .loss)
            codebook = try container.decode(CodebookConfiguration.self, forKey: .codebook)
        }
        optimizer = try container.decode(OptimizerConfiguration.self, forKey: .optimizer)
        schedule = try container.decode(ScheduleConfiguration.self, forKey: .schedule)
        data = try container.decode(DataConfiguration.self, forKey: .data)
        augmentation = try container.decode(AugmentationConfiguration.self, forKey: .augmentation)
        training = try container.decode(TrainingConfiguration.self, forKey: .training)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(family, forKey: .family)
        try wav2vec2?.encode(to: encoder)
        try hubert?.encode(to: encoder)
        if isVQWav2Vec {
            try model.encode(to: encoder)
            try container.encode(loss, forKey: .loss)
            try container.encode(codebook, forKey: .codebook)
        }
        try container.encode(optimizer, forKey: .optimizer)
        try container.encode(schedule, forKey: .schedule)
        try container.encode(data, forKey: .data)
        try container.encode(augmentation, forKey: .augmentation)
        try container.encode(training, forKey: .training)
    }
}

/// Weights of what is added to the prediction loss.
public struct LossConfiguration: Codable, Equatable, Sendable {
    /// Weight of the k-means loss ‖sg(z)−ẑ‖² + γ‖z−sg(ẑ)‖², times the number of positives.
    /// Paper: 1. fairseq: `loss_weights`, `[1]` in its k-means recipe.
    public var kmeansWeight = 1.0

    /// Gumbel: weight of the diversity term (G·V − Σ_g perplexity_g), times the number of positives.
    /// Paper and fairseq's vq-wav2vec recipe: 0.
    /// wav2vec 2.0 has 0.1 for the term divided by G·V, which is 0.1/(G·V) here.
    public var diversityWeight = 0.0

    public init() {}
}

/// Adam as fairseq computes it: ε is added before the bias correction, weight decay is decoupled.
public struct OptimizerConfiguration: Codable, Equatable, Sendable {
    /// Decay of the first moment. fairseq: 0.9.
    public var beta1 = 0.9
    /// Decay of the second moment. fairseq: 0.999.
    public var beta2 = 0.999
    /// fairseq: 1e-8.
    public var epsilon = 1e-8
    /// fairseq: 0.
    public var weightDecay = 0.0
    /// Gradients are scaled down to this norm where theirs is larger; 0 means never. fairseq: `clip_norm`, 0.
    public var clipNorm = 0.0
    /// Checkpoints and validation have the mean of the weights after each update, those of n updates ago with this to the
    /// power of n as their weight (Kingma & Ba 2015, section 7.2); 0 means the weights of the last update. fairseq: `ema_decay`,
    /// off.
    public var averageDecay = 0.0

    public init() {}
}

/// Learning rate: linear warm-up, then a decay.
public struct ScheduleConfiguration: Codable, Equatable, Sendable {
    public enum Decay: String, Codable, Sendable, CaseIterable {
        /// A cosine, to `minimumLearningRate`.
        case cosine
        /// (1 − share of the updates after the warm-up)ᵖ, to `minimumLearningRate` at `training.max_updates`.
        case polynomial
    }

    /// fairseq: `lr_scheduler`; for wav2vec 2.0 `polynomial_decay`.
    public var decay: Decay = .cosine
    /// p. fairseq: `power`, 1.
    public var power = 1.0
    /// Peak. Paper: 5e-3. fairseq's vq-wav2vec recipe: 1e-5.
    public var learningRate = 1e-5
    /// At the end of the cosine. Paper and recipe: 1e-6.
    public var minimumLearningRate = 1e-6
    /// At update 0. Paper and recipe: 1e-7.
    public var warmupInitialLearningRate = 1e-7
    /// Paper: 500. fairseq's recipe: 1000.
    public var warmupUpdates = 1000
    /// Length of the cosine in updates; 0 means from the end of the warm-up to `training.max_updates`.
    /// Past it the cosine starts anew, `shrink` times as high. fairseq: `lr_period_updates`.
    public var periodUpdates = 0
    /// fairseq: `t_mult`, growth of each period over the last; 1.
    public var periodMultiplier = 1.0
    /// fairseq: `lr_shrink`, 0.1.
    public var shrink = 0.1

    public init() {}
}

/// What is read, and how it is cut into batches.
public struct DataConfiguration: Codable, Equatable, Sendable {
    /// Samples per second that the model is trained at: 16,000 in the paper and in fairseq. Other rates are refused, or
    /// converted on request.
    public var sampleRate = 16000
    /// Longest crop in samples. Paper and fairseq's recipe: 150,000.
    public var maxSampleSize = 150_000
    /// Shorter recordings are skipped. 0: those shorter than the model can train on.
    public var minSampleSize = 0
    /// Samples per batch, at most. Paper, as we read it: 1,500,000 on each of 8 GPUs. fairseq: `max_tokens`, 300,000 in
    /// its recipe on each of 16 GPUs.
    public var maxSamples = 1_500_000
    /// Utterances per batch, at most; 0 means no limit. Paper: 10. fairseq: `max_sentences`.
    public var maxUtterances = 0
    /// Whether a batch is as long as its longest recording, the others being filled up with zeros, which nothing looks at,
    /// and not cropped to its shortest. For wav2vec 2.0 alone. fairseq: `enable_padding`, off.
    public var padding = false
    /// Whether an epoch has as many crops of a recording as it is long. Otherwise each has one, as in fairseq: minutes
    /// then count no more than a word.
    public var coversRecordings = false
    /// Share of the utterances that is held out for validation where no validation data is named.
    public var validationFraction = 0.05

    public init() {}
}

/// Changes of the crops that are trained on (Kharitonov et al. 2020): more speakers, rooms and microphones than were
/// recorded. None is in the paper or in fairseq.
public struct AugmentationConfiguration: Codable, Equatable, Sendable {
    /// Crops are played up to this share faster or slower, and so higher or lower.
    public var speed = 0.0
    /// Share of crops in a synthetic room of 0.1 to 0.6 s.
    public var reverberation = 0.0
    /// Share of crops that lose a band of frequencies.
    public var bandRejection = 0.0
    /// Share of crops with coloured noise, 5 to 25 dB below them.
    public var noise = 0.0

    public init() {}
}

/// Remedies for codebooks that collapse: none of them is in the paper or in fairseq, and all are off by
/// default. Their measured effects stand in `docs/training.md`.
public struct CodebookConfiguration: Codable, Equatable, Sendable {
    /// Before the first update, put codewords on encoder outputs of the first batch, and start the predictions
    /// at the best constant score.
    public var initializeFromData = false
    /// K-means: give codewords that were not chosen during so many updates the output of a random frame; 0
    /// means never. (With Gumbel the logits choose: other codewords would change nothing.)
    public var restartAfterUpdates = 0

    public init() {}
}

/// Length of the run, gradient accumulation, and how often things are reported and saved.
public struct TrainingConfiguration: Codable, Equatable, Sendable {
    /// Of everything that is random. fairseq's recipe: 2.
    public var seed = 1
    /// Paper and fairseq's recipe: 400,000; the small model of the ablations: 40,000.
    public var maxUpdates = 400_000
    /// Batches whose gradients are summed for one update: 8 for the paper's GPUs, 16 for those of fairseq's recipe.
    /// fairseq: `update_freq`.
    public var accumulateBatches = 1
    /// Of the operands of large products in updates; sums, weights and all else are float32, and so is validation.
    /// fairseq: `bf16`, off.
    public var precision = Precision.float32
    /// Updates between two lines of the log.
    public var logEvery = 20
    /// Updates between two validations, which also decide the best checkpoint; 0 means only at the end.
    public var validateEvery = 1000
    /// Updates between two saves of the last checkpoint; 0 means only at the end.
    public var saveEvery = 1000
    /// Minutes after which the last checkpoint is saved whatever `saveEvery` says; 0 means never. Results do not
    /// depend on it.
    public var saveEveryMinutes = 10.0
    /// Checkpoints of earlier updates that stay beside the last one, of those saved by `saveEvery`.
    public var keepCheckpoints = 0

    public init() {}
}
