import Layers

/// HuBERT (Hsu et al. 2021, arXiv 2106.07447) without the head of its training:
///
///     waveform → extractor → z → transformer → c
///
/// Parameters have fairseq's names and shapes.
public struct HubertModel: ParameterizedModel, Sendable {
    public let configuration: HubertConfiguration
    /// wav2vec 2.0, of which everything behind the transformer stays unused.
    private let blocks: Wav2Vec2Model

    /// A model whose parameters are about to be loaded.
    /// - Throws: `ConfigurationError`.
    public init(uninitialized configuration: HubertConfiguration) throws {
        self.configuration = configuration
        blocks = try Wav2Vec2Model(uninitialized: configuration.blocks)
    }

    public var parts: [ModelPart] {
        blocks.parts.filter { !Wav2Vec2Model.pretrainingParts.contains($0.name) }
    }

    public var parameters: [Parameter] { parts.flatMap(\.parameters) }

    public var aliases: [(alias: String, name: String)] { [] }

    package var tokenQuantizer: (any Quantizer)? { nil }

    /// The parameters that an output needs.
    public func parameters(of layer: FeatureLayer) -> [Parameter] {
        Wav2Vec2FeatureExtractor.parameters(of: blocks, layer: layer)
    }

    /// What computes an output: z, c or a layer of the transformer.
    /// - Throws: `ModelError.noLayer`.
    public func featureExtractor(_ layer: FeatureLayer) throws -> Wav2Vec2FeatureExtractor {
        try configuration.require(layer)
        return try Wav2Vec2FeatureExtractor(blocks, layer: layer)
    }
}
