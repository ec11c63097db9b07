import Tensors

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
    /// An output of the model for one recording, in evaluation: without noise and dropout.
    /// - Parameter waveform: N samples in [−1, 1] at the rate that the model was trained at.
    /// - Returns: [T, D]: C channels for z, G·V logits, the quantized C, or C' channels of c, which has fewer
    ///   frames where the aggregator has strides.
    /// - Throws: `ModelError` where the model has no such output, or the waveform is too short or too loud to
    ///   compute with.
    public func features(_ waveform: [Float], layer: FeatureLayer) throws -> Tensor {
        try require(layer)
        let z = try encode(waveform)
        // Samples or weights near the limit of 32-bit floats.
        guard z.firstNonFinite == nil else { throw ModelError.notFinite }
        let output =
            switch layer {
            case .z: z
            case .logits: quantizer?.logits(z) ?? z
            case .quantized: quantized(z)
            case .c: context(z)
            }
        guard output.firstNonFinite == nil else { throw ModelError.notFinite }
        let channels = output.shape.last ?? 1
        return output.reshaped([output.count / channels, channels])
    }

    /// Makes sure that the model has an output, before anything is computed.
    /// - Throws: `ModelError.noLayer`.
    public func require(_ layer: FeatureLayer) throws {
        switch (layer, configuration.quantizer.kind) {
        case (.z, _), (.c, _), (.quantized, .gumbel), (.quantized, .kmeans), (.logits, .gumbel): return
        case (.logits, .kmeans):
            throw ModelError.noLayer(layer, reason: "its k-means quantizer goes by distances")
        case (.logits, .none), (.quantized, .none):
            throw ModelError.noLayer(layer, reason: "it has no quantizer (quantizer.kind = none)")
        }
    }

    /// [1, T, C] to [1, T, C]; z itself where there is no quantizer.
    private func quantized(_ z: Tensor) -> Tensor {
        guard let quantizer else { return z }
        let codewords = quantizer.codewords(quantizer.ids(z))
        return codewords.reshaped([1] + codewords.shape)
    }

    private func context(_ z: Tensor) -> Tensor {
        let noise = StepNoise(training: false, items: [0])
        return aggregator(.constant(quantized(z)), on: Tape(recording: false), noise: noise).value
    }
}
