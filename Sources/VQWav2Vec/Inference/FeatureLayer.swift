/// An output of the model that can be had for each frame. The raw value is the name on the command line.
public enum FeatureLayer: String, CaseIterable, Sendable {
    /// The encoder's output.
    case z
    /// Gumbel: the noise-free logits of all codewords, V for each group.
    case logits
    /// ẑ, the codewords that were chosen, those of the groups side by side.
    case quantized
    /// The aggregator's output.
    case c
}

extension Model {
    /// Makes sure that the model has an output, before anything is computed.
    /// - Throws: `ModelError.noLayer`.
    func require(_ layer: FeatureLayer) throws {
        switch (layer, configuration.quantizer.kind) {
        case (.z, _), (.c, _), (.quantized, .gumbel), (.quantized, .kmeans), (.logits, .gumbel): return
        case (.logits, .kmeans):
            throw ModelError.noLayer(layer, reason: "its k-means quantizer goes by distances")
        case (.logits, .none), (.quantized, .none):
            throw ModelError.noLayer(layer, reason: "it has no quantizer (quantizer.kind = none)")
        }
    }
}
