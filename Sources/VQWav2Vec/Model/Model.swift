import Autodiff
import Layers
import Tensors

/// vq-wav2vec, or wav2vec where there is no quantizer.
///
///     waveform → encoder → z → quantizer → ẑ → aggregator → c → predictions of ẑ, k steps ahead
public struct Model: ParameterizedModel {
    public let configuration: ModelConfiguration
    public let quantizer: (any Quantizer)?
    package let encoder: FeatureEncoder
    package let aggregator: ContextAggregator
    /// The second aggregator of `prediction.project_features = new`.
    let targetAggregator: ContextAggregator?
    package let predictor: FuturePredictor
    package let sampler: NegativeSampler

    /// A model with random parameters, drawn as PyTorch and fairseq draw them.
    /// - Throws: `ConfigurationError`.
    public init(_ configuration: ModelConfiguration, seed: Int = 1) throws {
        try self.init(configuration, initializer: Initializer(seed: seed))
    }

    /// A model whose parameters are about to be loaded: drawing them would take longer than that.
    /// - Throws: `ConfigurationError`.
    public init(uninitialized configuration: ModelConfiguration) throws {
        try self.init(configuration, initializer: Initializer(seed: nil))
    }

    private init(_ configuration: ModelConfiguration, initializer: Initializer) throws {
        try configuration.validate()
        self.configuration = configuration
        var initializer = initializer
        encoder = FeatureEncoder(
            configuration.encoder.layers, style: configuration.blockStyle(bias: false),
            logCompression: configuration.encoder.logCompression,
            skipConnections: configuration.encoder.skipConnections,
            residualScale: configuration.residualFactor, initializer: &initializer)
        let sizes = configuration.quantizerSizes
        quantizer =
            switch configuration.quantizer.kind {
            case .gumbel:
                GumbelQuantizer(
                    sizes, depth: configuration.quantizer.depth, activation: configuration.activation,
                    initializer: &initializer)
            case .kmeans:
                KMeansQuantizer(sizes, gamma: configuration.quantizer.gamma, initializer: &initializer)
            case .none: nil
            }
        aggregator = ContextAggregator(
            configuration, name: "feature_aggregator", initializer: &initializer)
        predictor = FuturePredictor(configuration, initializer: &initializer)
        targetAggregator =
            configuration.prediction.projectFeatures == .new
            ? ContextAggregator(configuration, name: "project_features", initializer: &initializer) : nil
        sampler = NegativeSampler(configuration.prediction)
    }

    package static let quantizerPart = "quantizer"

    /// The parts of the model with their parameters, in the order of the data flow.
    public var parts: [ModelPart] {
        [
            ModelPart(name: "encoder", parameters: encoder.parameters),
            ModelPart(name: Self.quantizerPart, parameters: quantizer?.parameters ?? []),
            ModelPart(name: "aggregator", parameters: aggregator.parameters),
            ModelPart(name: "target aggregator", parameters: targetAggregator?.parameters ?? []),
            ModelPart(name: "prediction", parameters: predictor.parameters),
        ].filter { !$0.parameters.isEmpty }
    }

    public var parameters: [Parameter] { parts.flatMap(\.parameters) }

    package var tokenQuantizer: (any Quantizer)? { quantizer }

    /// Second names of parameters: with `prediction.project_features = same` fairseq's state dict lists
    /// every aggregator tensor twice.
    public var aliases: [(alias: String, name: String)] {
        guard configuration.prediction.projectFeatures == .same else { return [] }
        let prefix = "feature_aggregator."
        return aggregator.parameters.map {
            ("project_features." + $0.name.dropFirst(prefix.count), $0.name)
        }
    }

    /// The encoder's output for a batch, in evaluation. For one recording, however long, see
    /// `InferenceModel.encode`.
    /// - Parameter waveforms: [B, N], N at least the receptive field.
    /// - Returns: z [B, T, C].
    public func encode(_ waveforms: Tensor) -> Tensor {
        precondition(
            waveforms.shape.count == 2 && configuration.frames(samples: waveforms.shape[1]) > 0,
            "waveforms \(waveforms.shape) are not [B, N] with at least \(configuration.receptiveField) samples"
        )
        return encoder(waveforms, on: Tape(recording: false)).value
    }
}

extension ModelConfiguration {
    /// Of encoder and aggregator.
    func blockStyle(bias: Bool) -> BlockStyle {
        BlockStyle(activation: activation, affineNorm: affineNorm, bias: bias)
    }

    /// √ρ.
    var residualFactor: Float { Float(residualScale.squareRoot()) }

    var quantizerSizes: QuantizerSizes {
        QuantizerSizes(
            inputChannels: quantizerInputs, outputChannels: quantizedChannels, groups: quantizer.groups,
            variables: quantizer.variables, sharesCodebook: quantizer.combineGroups)
    }
}
