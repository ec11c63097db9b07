import Layers

extension ModelConfiguration {
    /// Makes sure that there is memory for an output of a recording, which is computed whole, beside what
    /// `InferenceModel` takes for z.
    /// - Parameters:
    ///   - samples: of the recording.
    ///   - available: bytes.
    /// - Throws: `ModelError.tooLarge`.
    func require(_ layer: FeatureLayer, samples: Int, available: Int) throws {
        let values =
            switch layer {
            case .z: encodedChannels
            case .logits: max(contextValues, choiceValues)
            case .quantized: max(quantizesContext ? max(contextValues, choiceValues) : 0, quantizedChannels)
            case .c, .layer: targetChannels + aggregatorValues
            }
        try require(values, for: layer, samples: samples, available: available)
    }

    /// The same for ids, where it is c that is quantized.
    func requireContextIDs(samples: Int, available: Int) throws {
        try require(max(contextValues, choiceValues), for: .c, samples: samples, available: available)
    }

    /// - Parameter values: for each frame.
    private func require(_ values: Int, for layer: FeatureLayer, samples: Int, available: Int) throws {
        try layer.require(
            bytes: 4 * Double(frames(samples: samples)) * Double(values), available: available)
    }

    // Values for each frame: of what is computed whole, and of what it is computed from and is there at the same time.

    /// Of c that is quantized.
    private var contextValues: Int { quantizesContext ? targetChannels + aggregatorValues : 0 }

    private var aggregatorValues: Int { 3 * (aggregator.layers.map(\.channels).max() ?? 0) }

    /// Of what the ids are chosen by: logits or distances.
    private var choiceValues: Int {
        let numbers = quantizer.groups * quantizer.variables
        switch quantizer.kind {
        case .gumbel, .none: return 2 * quantizerInputs * max(1, quantizer.depth) + numbers
        // Projected frames with and without their norm, codewords, and the difference.
        case .kmeans: return 2 * quantizerInputs + 4 * quantizedChannels + numbers
        }
    }
}
