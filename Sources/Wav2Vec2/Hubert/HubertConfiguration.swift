import Layers

/// What decides the features of a HuBERT model (Hsu et al. 2021, arXiv 2106.07447): the extractor and the transformer of
/// wav2vec 2.0, trained to tell at masked frames which cluster they belong to.
///
/// It has no quantizer: its units are clusters of its layers. How it was trained decides no feature and is not kept.
public struct HubertConfiguration: Codable, Equatable, Sendable {
    public var extractor = ExtractorConfiguration()
    public var transformer = TransformerConfiguration()

    public init() {}

    /// - Throws: `ConfigurationError` that names the key, the value and the remedy.
    public func validate() throws { try blocks.validate() }

    /// About how many weights the model has: see `Wav2Vec2Configuration.roughWeightCount`.
    package var roughWeightCount: Double { blocks.roughWeightCount }

    /// wav2vec 2.0 with the same blocks, and no quantizer.
    var blocks: Wav2Vec2Configuration {
        var blocks = Wav2Vec2Configuration()
        (blocks.extractor, blocks.transformer) = (extractor, transformer)
        blocks.quantizer.targets = false
        return blocks
    }
}

extension HubertConfiguration: UnitModelConfiguration {
    public var receptiveField: Int { blocks.receptiveField }

    public func frames(samples: Int) -> Int { blocks.frames(samples: samples) }

    public var codebookSize: CodebookSize? { nil }

    public func timing(of layer: FeatureLayer, sampleRate: Int) -> FrameTiming {
        blocks.timing(of: layer, sampleRate: sampleRate)
    }

    public func require(_ layer: FeatureLayer) throws {
        guard layer != .logits, layer != .quantized else {
            throw ModelError.noLayer(layer, reason: "HuBERT has no quantizer; it has z, c and layer.N")
        }
        try blocks.require(layer)
    }
}
