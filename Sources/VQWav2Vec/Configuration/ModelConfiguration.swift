import Autodiff
import Layers
import Tensors

/// Everything that decides the shape and the mathematics of a model.
///
/// The defaults are the published Gumbel model as fairseq builds it. Each field states the value of the
/// paper (arXiv 1910.05453), of fairseq's `wav2vec` architecture and ours where they differ.
/// `validate()` says what is wrong with a combination; a model is only built from a valid configuration.
public struct ModelConfiguration: Codable, Equatable, Sendable {
    public var encoder = EncoderConfiguration()
    public var quantizer = QuantizerConfiguration()
    public var aggregator = AggregatorConfiguration()
    public var prediction = PredictionConfiguration()

    /// Nonlinearity of every block. Paper: ReLU. fairseq's default: `relu`, its vq-wav2vec recipe: `gelu`
    /// (exact, by erf).
    public var activation: Activation = .gelu

    /// Whether group norms have a learned scale and shift. fairseq: `non_affine_group_norm` negated.
    /// The norm inside the k-means quantizer is always affine.
    public var affineNorm = true

    /// Factor ρ of every residual sum, `(block(x) + x) · √ρ`. fairseq: 0.5.
    public var residualScale = 0.5

    public init() {}
}

/// The strided convolutions that turn the waveform into frames.
public struct EncoderConfiguration: Codable, Equatable, Sendable {
    /// Paper and fairseq's vq-wav2vec recipe: these eight. The small model of the paper's ablations: the
    /// first five.
    public var layers: [ConvolutionLayer] = [
        .init(512, 10, 5), .init(512, 8, 4), .init(512, 4, 2), .init(512, 4, 2), .init(512, 4, 2),
        .init(512, 1, 1), .init(512, 1, 1), .init(512, 1, 1),
    ]

    /// Apply log(1 + |x|) to the output. fairseq: on by default today, off in 2020.
    public var logCompression = true

    /// Residual sums between layers of equal width, the input subsampled in time. fairseq: off.
    public var skipConnections = false

    public init() {}
}

/// How frames become codewords.
public struct QuantizerConfiguration: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case gumbel, kmeans, none
    }

    public enum Position: String, Codable, Sendable, CaseIterable {
        /// z: aggregator and targets get codewords.
        case encoder
        /// c: predictions are made of codewords, targets are z.
        case aggregator
    }

    /// `none` is plain wav2vec. fairseq: `vq_type`.
    public var kind: Kind = .gumbel

    /// Behind which part frames are quantized. Paper and fairseq: `encoder`; the aggregator in the paper's comparison of
    /// bitrates (figure 2).
    public var position: Position = .encoder

    /// G, groups (codebooks looked up per frame). Paper: 2. fairseq: `vq_groups`.
    public var groups = 2

    /// V, codewords per group. Paper: 320. fairseq: `vq_vars`.
    public var variables = 320

    /// Width of the quantized frame, all groups together; 0 means the encoder's width. fairseq: `vq_dim`
    /// (which there has to equal the encoder's width).
    public var dimension = 0

    /// One codebook shared by the groups. fairseq: `combine_groups`, off by default, on in its recipe.
    public var combineGroups = true

    /// Gumbel: linear maps between z and the logits, the inner ones twice as wide as z and followed by the
    /// activation. Paper: 1. fairseq: `vq_depth`, 1 by default, 2 in its recipe.
    public var depth = 2

    /// Gumbel: temperature τ of the softmax that the gradient goes through.
    public var temperature = TemperatureConfiguration()

    /// K-means: γ, weight of the commitment term. Paper and fairseq: 0.25.
    public var gamma = 0.25

    public init() {}
}

/// The causal convolutions over quantized frames.
public struct AggregatorConfiguration: Codable, Equatable, Sendable {
    /// Paper and fairseq's recipe: twelve layers of kernels 2…13. The small model of the paper's
    /// ablations: seven of kernel 3.
    public var layers: [ConvolutionLayer] = (2...13).map { .init(512, $0, 1) }

    /// Pad on the left with zeros instead of repeating the first frame. fairseq: `agg_zero_pad`, off.
    public var zeroPadding = false

    /// fairseq: `no_conv_bias` negated, on.
    public var bias = true

    /// Residual sums around every layer, through a 1×1 convolution where the widths differ.
    /// fairseq: on by default today, off in 2020.
    public var skipConnections = true

    /// Dropout between convolution and norm. fairseq: `dropout`, 0.
    public var dropout = 0.0

    public init() {}
}

/// What is predicted, and against what.
public struct PredictionConfiguration: Codable, Equatable, Sendable {
    public enum FeatureProjection: String, Codable, Sendable, CaseIterable {
        /// Targets are the quantized frames.
        case none
        /// Targets are the frames after the aggregator itself.
        case same
        /// Targets are the frames after a second aggregator of the same shape.
        case new
    }

    /// K, steps ahead. Paper: 8. fairseq: `prediction_steps`, 12.
    public var steps = 12

    /// First step, in frames ahead; 0 means ⌈receptive field / stride⌉ of the encoder (fairseq: `auto`).
    /// Paper: 1.
    public var offset = 0

    /// Distractors from the same utterance. Paper and fairseq: 10.
    public var negatives = 10

    /// Distractors from anywhere in the batch. fairseq: `cross_sample_negatives`, 0.
    public var crossSampleNegatives = 0

    /// Take distractors from the first so many frames only; 0 means the whole utterance.
    /// fairseq: `sample_distance`, none.
    public var sampleDistance = 0

    /// Weight the distractors of a frame like its one positive. fairseq: `balanced_classes`, off.
    public var balancedClasses = false

    /// Softmax over the candidates instead of one binary decision each. fairseq: `infonce`, off.
    public var infoNCE = false

    /// fairseq: `project_features`, none.
    public var projectFeatures: FeatureProjection = .none

    /// Dropout on the projected predictions. fairseq: `dropout`, which is also the aggregator's, 0.
    public var dropout = 0.0

    /// Dropout on the frames that enter the aggregator (not on the targets). fairseq: 0.
    public var dropoutFeatures = 0.0

    /// Dropout on the aggregator's output. fairseq: `dropout_agg`, 0.
    public var dropoutContext = 0.0

    public init() {}

    enum CodingKeys: String, CodingKey {
        case steps, offset, negatives, crossSampleNegatives, sampleDistance, balancedClasses
        case infoNCE = "infonce"
        case projectFeatures, dropout, dropoutFeatures, dropoutContext
    }
}
