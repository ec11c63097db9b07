import Autodiff
import Layers

/// Everything that decides the shape and the mathematics of a wav2vec 2.0 model and of its pre-training (Baevski et al.
/// 2020, arXiv 2006.11477).
///
/// The defaults are the published BASE model. Each field states fairseq's name and default, and the value of LARGE, where
/// they differ. `validate()` says what is wrong with a combination; a model is only built from a valid configuration.
public struct Wav2Vec2Configuration: Codable, Equatable, Sendable {
    public var extractor = ExtractorConfiguration()
    public var quantizer = TargetQuantizerConfiguration()
    public var transformer = TransformerConfiguration()
    public var mask = MaskConfiguration()
    public var prediction = MaskedPredictionConfiguration()
    public var loss = Wav2Vec2Losses()

    public init() {}
}

/// The strided convolutions that turn the waveform into frames.
public struct ExtractorConfiguration: Codable, Equatable, Sendable {
    public enum Norm: String, Codable, Sendable, CaseIterable {
        /// Each channel of the first block over all frames.
        case group
        /// All channels of each frame, in every block.
        case layer
    }

    /// BASE and LARGE: these seven. fairseq: `conv_feature_layers`.
    public var layers: [ConvolutionLayer] =
        [.init(512, 10, 5)] + Array(repeating: .init(512, 3, 2), count: 4)
        + Array(repeating: .init(512, 2, 2), count: 2)

    /// LARGE: layer. fairseq: `extractor_mode`, `default` or `layer_norm`.
    public var norm: Norm = .group

    /// LARGE: true. fairseq: `conv_bias`.
    public var bias = false

    /// Factor of all gradients that reach the extractor; with 0 it does not learn. LARGE: 1. fairseq:
    /// `feature_grad_mult`, 1.
    public var gradientScale = 0.1

    /// Whether recordings, each as a whole, are brought to mean 0 and variance 1 first. LARGE: true. fairseq: `normalize`
    /// of the task, false. Hugging Face: `do_normalize` of the preprocessor.
    public var normalizesWaveforms = false

    /// What is added to the variance then. fairseq: 1e-5, that of a layer norm. Hugging Face: 1e-7, which tells in quiet
    /// recordings.
    public var normalizationEpsilon = 1e-5

    /// On the frames that go to the transformer. LARGE: 0. fairseq: `dropout_input`, 0.
    public var dropout = 0.1

    /// On the frames that become targets. LARGE: 0. fairseq: `dropout_features`, 0.
    public var targetDropout = 0.1

    public init() {}
}

/// How frames become codewords.
public struct TargetQuantizerConfiguration: Codable, Equatable, Sendable {
    /// Whether targets are quantized. fairseq: `quantize_targets`, false.
    public var targets = true

    /// Whether the transformer sees quantized frames. fairseq: `quantize_input`.
    public var inputs = false

    /// Whether one quantizer serves both. fairseq: `same_quantizer`.
    public var isShared = false

    /// G. fairseq: `latent_groups`.
    public var groups = 2

    /// V, codewords per group. fairseq: `latent_vars`.
    public var variables = 320

    /// Width of a quantized frame, all groups together; 0 means that of the targets (for inputs that of the
    /// transformer). fairseq: `latent_dim`.
    public var dimension = 0

    /// Linear maps between frames and logits. fairseq: `quantizer_depth`.
    public var depth = 1

    /// How many times as wide as frames the inner maps are. fairseq: `quantizer_factor`.
    public var widening = 3

    /// LARGE ends at 0.1. fairseq: `latent_temp`.
    public var temperature = TemperatureConfiguration()

    public init() {}
}

/// The transformer over frames.
public struct TransformerConfiguration: Codable, Equatable, Sendable {
    /// LARGE: 24. fairseq: `encoder_layers`.
    public var layers = 12
    /// E. LARGE: 1024. fairseq: `encoder_embed_dim`.
    public var width = 768
    /// LARGE: 4096. fairseq: `encoder_ffn_embed_dim`.
    public var innerWidth = 3072
    /// LARGE: 16. fairseq: `encoder_attention_heads`.
    public var heads = 12
    /// Norms before attention and inner maps instead of behind the sums. LARGE: true. fairseq: `layer_norm_first`.
    public var normFirst = false
    /// fairseq: `activation_fn`.
    public var activation: Activation = .gelu
    /// k, frames of the convolution that stands for positions. fairseq: `conv_pos`.
    public var positionKernel = 128
    /// fairseq: `conv_pos_groups`.
    public var positionGroups = 16
    /// On the input, and on the outputs of attention and of inner maps. LARGE: 0. fairseq: `dropout`.
    public var dropout = 0.1
    /// On the weights of attention. LARGE: 0. fairseq: `attention_dropout`.
    public var attentionDropout = 0.1
    /// Behind the activation. fairseq: `activation_dropout`.
    public var activationDropout = 0.0
    /// Probability that a layer is skipped. LARGE: 0. fairseq: `encoder_layerdrop`, 0.
    public var layerDrop = 0.05

    public init() {}
}

/// Which frames are hidden from the transformer.
public struct MaskConfiguration: Codable, Equatable, Sendable {
    public var time = SpanConfiguration(probability: 0.65)
    /// Channels that are set to zero in all frames of an item.
    public var channels = SpanConfiguration(probability: 0)
    /// Channels are set to zero before frames are masked instead of after. fairseq: `mask_channel_before`.
    public var channelsFirst = false
    /// Share of the masked frames that are shown again. fairseq: `mask_dropout`.
    public var unmaskedShare = 0.0

    public init() {}
}

/// How spans are drawn. fairseq: `mask_…` and `mask_channel_…`.
public struct SpanConfiguration: Codable, Equatable, Sendable {
    /// How long a span is.
    public enum Lengths: String, Codable, Sendable, CaseIterable {
        /// `length`.
        case `static`
        /// Uniform from `other` to twice `length`.
        case uniform
        /// Normally distributed with mean `length` and deviation `other`, at least 1.
        case normal
        /// Poisson with mean `length`.
        case poisson
    }

    /// Spans times their length, as a share of all frames: fewer are masked where spans overlap. fairseq: `mask_prob`.
    public var probability: Double
    /// fairseq: `mask_length`.
    public var length = 10
    /// fairseq: `mask_selection`.
    public var lengths: Lengths = .static
    /// fairseq: `mask_other`.
    public var other = 0.0
    /// fairseq: `no_mask_overlap` negated.
    public var overlap = true
    /// Frames between spans that do not overlap. fairseq: `mask_min_space`.
    public var minimumSpace = 1

    public init(probability: Double) { self.probability = probability }
}

/// What is predicted at masked frames, and against what.
public struct MaskedPredictionConfiguration: Codable, Equatable, Sendable {
    /// F, width of predictions and targets; 0 means the transformer's. LARGE: 768. fairseq: `final_dim`, 0.
    public var width = 256
    /// Distractors from the masked frames of the same item. fairseq: `num_negatives`.
    public var negatives = 100
    /// Distractors from all items of the batch. fairseq: `cross_sample_negatives`.
    public var crossSampleNegatives = 0
    /// Distractors from all codewords, where targets are quantized. fairseq: `codebook_negatives`.
    public var codebookNegatives = 0
    /// Distractors from all frames and not only from those that are masked. fairseq: `negatives_from_everywhere`.
    public var negativesFromEverywhere = false
    /// κ, by which cosines are divided. fairseq: `logit_temp`.
    public var temperature = 0.1
    /// A gated linear unit on targets. fairseq: `target_glu`.
    public var gatesTargets = false

    public init() {}
}

/// Weights of what is added to the contrastive loss, each times the number of positives.
public struct Wav2Vec2Losses: Codable, Equatable, Sendable {
    /// Of the diversity loss (G·V − Σ_g perplexity_g) / (G·V). fairseq: the first of `loss_weights`.
    public var diversityWeight = 0.1
    /// Of the mean square of the extractor's output. LARGE: 0. fairseq: the second of `loss_weights`.
    public var penaltyWeight = 10.0

    public init(diversityWeight: Double = 0.1, penaltyWeight: Double = 10) {
        (self.diversityWeight, self.penaltyWeight) = (diversityWeight, penaltyWeight)
    }
}
