import Autodiff
import Layers
import Tensors

/// wav2vec 2.0 (Baevski et al. 2020, arXiv 2006.11477):
///
///     waveform → extractor → z → masked frames hidden → transformer → c
///                            └→ masked frames → quantizer → targets of c there, and negatives
///
/// Parameters have fairseq's names and shapes.
public struct Wav2Vec2Model: ParameterizedModel, Sendable {
    public let configuration: Wav2Vec2Configuration
    package let extractor: FeatureEncoder
    /// Behind the extractor.
    package let norm: ChannelNorm
    /// From z to the transformer's width; nil where it is the same, or inputs are quantized.
    let featureProjection: LinearMap?
    let maskVector: Parameter
    package let quantizer: GumbelQuantizer?
    package let inputQuantizer: GumbelQuantizer?
    let inputProjection: LinearMap?
    /// From targets, quantized or not, to the width in which cosines are taken.
    let targetProjection: LinearMap
    /// The linear map of the gated linear unit on targets.
    let targetGate: LinearMap?
    package let transformer: Transformer
    let contextProjection: LinearMap

    /// A model with random parameters, drawn as fairseq draws them.
    /// - Throws: `ConfigurationError`.
    public init(_ configuration: Wav2Vec2Configuration, seed: Int = 1) throws {
        try self.init(configuration, initializer: Initializer(seed: seed))
    }

    /// A model whose parameters are about to be loaded: drawing them would take longer than that.
    /// - Throws: `ConfigurationError`.
    public init(uninitialized configuration: Wav2Vec2Configuration) throws {
        try self.init(configuration, initializer: Initializer(seed: nil))
    }

    private init(_ configuration: Wav2Vec2Configuration, initializer: Initializer) throws {
        try configuration.validate()
        self.configuration = configuration
        var initializer = initializer
        let (channels, width) = (configuration.extractedChannels, configuration.transformer.width)
        extractor = FeatureEncoder(configuration.extractor, initializer: &initializer)
        norm = ChannelNorm("layer_norm", channels: channels)
        featureProjection =
            configuration.projectsFeatures
            ? LinearMap("post_extract_proj", inputs: channels, outputs: width, initializer: &initializer)
            : nil
        maskVector = Parameter("mask_emb", shape: [width], initialize: initializer.uniform(0, 1))
        let target = configuration.quantizer
        quantizer =
            target.targets
            ? GumbelQuantizer(
                configuration, name: "quantizer", outputs: configuration.quantizedChannels,
                initializer: &initializer) : nil
        if configuration.sharesQuantizer {
            inputQuantizer = quantizer
        } else if target.inputs {
            inputQuantizer = GumbelQuantizer(
                configuration, name: "input_quantizer", outputs: configuration.quantizedInputChannels,
                initializer: &initializer)
        } else {
            inputQuantizer = nil
        }
        inputProjection =
            target.inputs
            ? LinearMap(
                "project_inp", inputs: configuration.quantizedInputChannels, outputs: width,
                initializer: &initializer) : nil
        let targetWidth = configuration.targetWidth
        targetProjection = LinearMap(
            "project_q", inputs: target.targets ? configuration.quantizedChannels : channels,
            outputs: targetWidth, initializer: &initializer)
        targetGate =
            configuration.prediction.gatesTargets
            ? LinearMap(
                "target_glu.0", inputs: targetWidth, outputs: 2 * targetWidth, initializer: &initializer)
            : nil
        transformer = Transformer(configuration.transformer, initializer: &initializer)
        contextProjection = LinearMap(
            "final_proj", inputs: width, outputs: targetWidth, initializer: &initializer)
    }

    /// The parts of the model with their parameters, in the order of the data flow.
    public var parts: [ModelPart] {
        let own = configuration.sharesQuantizer ? nil : inputQuantizer
        return [
            ModelPart(name: "extractor", parameters: extractor.parameters + norm.parameters),
            ModelPart(
                name: "input",
                parameters: (featureProjection?.parameters ?? []) + (own?.parameters ?? [])
                    + (inputProjection?.parameters ?? []) + [maskVector]),
            ModelPart(name: "transformer", parameters: transformer.parameters),
            ModelPart(name: "quantizer", parameters: quantizer?.parameters ?? []),
            ModelPart(
                name: "prediction",
                parameters: targetProjection.parameters
                    + (targetGate?.parameters ?? []) + contextProjection.parameters),
        ].filter { !$0.parameters.isEmpty }
    }

    /// Names of those that fine-tuning takes away.
    package static let pretrainingParts: Set = ["quantizer", "prediction"]

    public var parameters: [Parameter] { parts.flatMap(\.parameters) }

    package var tokenQuantizer: (any Quantizer)? { quantizer }

    /// Second names of parameters: fairseq's state dict lists a quantizer that serves inputs and targets twice.
    public var aliases: [(alias: String, name: String)] {
        guard configuration.sharesQuantizer else { return [] }
        return (quantizer?.parameters ?? []).map { ("input_\($0.name)", $0.name) }
    }
}

extension FeatureEncoder {
    /// - Parameter configuration: valid.
    fileprivate init(_ configuration: ExtractorConfiguration, initializer: inout Initializer) {
        var inputs = 1
        var blocks: [ConvolutionBlock] = []
        for (index, layer) in configuration.layers.enumerated() {
            let norm: Norm =
                configuration.norm == .layer ? .layer : index == 0 ? .group(layer.channels) : .none
            blocks.append(
                ConvolutionBlock(
                    prefix: "feature_extractor.conv_layers.\(index)", convolutionIndex: 0, inputs: inputs,
                    layer: layer,
                    style: BlockStyle(
                        activation: .gelu, norm: norm, bias: configuration.bias, heWeights: true),
                    initializer: &initializer))
            inputs = layer.channels
        }
        self.init(blocks, logCompression: false, skipConnections: false, residualScale: 1)
    }
}

extension GumbelQuantizer {
    fileprivate init(
        _ configuration: Wav2Vec2Configuration, name: String, outputs: Int, initializer: inout Initializer
    ) {
        let quantizer = configuration.quantizer
        self.init(
            QuantizerSizes(
                inputChannels: configuration.extractedChannels, outputChannels: outputs,
                groups: quantizer.groups, variables: quantizer.variables, sharesCodebook: false),
            name: name, depth: quantizer.depth, widening: quantizer.widening, activation: .gelu,
            initializer: &initializer)
    }
}
