import Layers

extension ModelConfiguration {
    /// Checks ranges and combinations.
    /// - Throws: `ConfigurationError` that names the key, the value and the remedy.
    public func validate() throws {
        try validate(encoder.layers, key: "encoder.layers")
        try validate(aggregator.layers, key: "aggregator.layers")
        try validateReach()
        try require(residualScale > 0, "residual_scale", "must be positive, not \(residualScale)")
        try require(
            (1e-6...1e6).contains(residualScale),
            "residual_scale", "must lie between 1e-6 and 1e6, not \(residualScale): others vanish in float32")
        for (key, rate) in [
            ("aggregator.dropout", aggregator.dropout), ("prediction.dropout", prediction.dropout),
            ("prediction.dropout_features", prediction.dropoutFeatures),
            ("prediction.dropout_context", prediction.dropoutContext),
        ] {
            try require(rate >= 0 && Float(rate) < 1, key, "must be at least 0 and below 1, not \(rate)")
        }
        try validateQuantizer()
        try validatePrediction()
        try require(
            roughWeightCount <= Double(1 << 30),
            "encoder.layers, aggregator.layers, quantizer and prediction.steps make about "
                + "\(Int(min(roughWeightCount / 1e9, 1e12))) billion weights; a model can have one billion")
    }

    /// About how many weights the model has. In floating point: products of sizes that have not been checked
    /// could overflow.
    package var roughWeightCount: Double {
        func stack(_ layers: [ConvolutionLayer], inputs: Int) -> Double {
            var (count, inputs) = (0.0, Double(inputs))
            for layer in layers {
                count += inputs * Double(layer.channels) * Double(layer.kernel)
                inputs = Double(layer.channels)
            }
            return count
        }
        let (encoded, quantized) = (Double(quantizerInputs), Double(quantizedChannels))
        var count = stack(encoder.layers, inputs: 1) + stack(aggregator.layers, inputs: targetChannels)
        let predictors = quantizesContext ? quantizedChannels : contextChannels
        count += Double(predictors) * Double(targetChannels) * Double(prediction.steps)
        guard quantizer.kind != .none else { return count }
        let codewords = Double(quantizer.groups) * Double(quantizer.variables)
        count += codewords * quantized / Double(quantizer.groups)
        guard quantizer.kind == .gumbel else { return count + encoded * quantized }
        let hidden = Double(quantizer.depth - 1) * 4 * encoded * encoded
        return count + hidden + codewords * (quantizer.depth == 1 ? 1 : 2) * encoded
    }

    private func validate(_ layers: [ConvolutionLayer], key: String) throws {
        try require(!layers.isEmpty, "\(key) needs at least one [channels, kernel, stride]")
        for layer in layers {
            try require(
                layer.channels > 0 && layer.kernel > 0 && layer.stride > 0,
                "\(key): [\(layer.channels), \(layer.kernel), \(layer.stride)] must hold positive numbers")
            try require(
                max(layer.channels, layer.kernel, layer.stride) <= Self.largestCount,
                "\(key): [\(layer.channels), \(layer.kernel), \(layer.stride)] must hold numbers up to "
                    + "\(Self.largestCount)")
        }
        let stride = layers.reduce(1.0) { $0 * Double($1.stride) }
        try require(
            stride <= Double(Self.largestCount),
            "\(key): the strides must multiply to at most \(Self.largestCount)")
    }

    /// Strides and kernels that are possible alone can be impossible together. In floating point: sizes that have
    /// not been checked could overflow.
    private func validateReach() throws {
        let all = encoder.layers + aggregator.layers
        let stride = all.reduce(1.0) { $0 * Double($1.stride) }
        try require(
            stride <= Double(Self.largestCount),
            "encoder.layers and aggregator.layers: all strides together must multiply to at most "
                + "\(Self.largestCount)")
        for (key, layers) in [("encoder.layers", encoder.layers), ("aggregator.layers", aggregator.layers)] {
            var (field, jump) = (1.0, 1.0)
            for layer in layers {
                field += Double(layer.kernel - 1) * jump
                jump *= Double(layer.stride)
            }
            try require(
                field <= Double(1 << 31),
                "\(key): the kernels and strides make a receptive field of \(field); it can be 2^31 at most")
        }
    }

    /// No model comes near, and no sum or product of a few such numbers overflows.
    private static let largestCount = 1 << 20

    private func validateQuantizer() throws {
        guard quantizer.kind != .none else { return }
        try require(quantizer.groups > 0, "quantizer.groups", "must be positive, not \(quantizer.groups)")
        try require(
            quantizer.variables > 1, "quantizer.variables", "must be at least 2, not \(quantizer.variables)")
        try require(
            quantizer.dimension >= 0, "quantizer.dimension", "must not be negative (0: encoder's width)")
        try validateCounts([
            ("quantizer.groups", quantizer.groups), ("quantizer.variables", quantizer.variables),
            ("quantizer.dimension", quantizer.dimension), ("quantizer.depth", quantizer.depth),
        ])
        try require(
            quantizedChannels % quantizer.groups == 0,
            "quantizer.groups = \(quantizer.groups) must divide the quantized width \(quantizedChannels)")
        if quantizer.kind == .kmeans {
            try require(
                quantizerInputs % quantizer.groups == 0,
                "quantizer.groups = \(quantizer.groups) must divide the width of what is quantized, "
                    + "\(quantizerInputs)")
            try require(
                quantizer.gamma == 0 || (1e-30...1e30).contains(quantizer.gamma),
                "quantizer.gamma", "must be 0 or lie between 1e-30 and 1e30, not \(quantizer.gamma)")
        } else {
            try require(quantizer.depth > 0, "quantizer.depth", "must be at least 1, not \(quantizer.depth)")
            let temperature = quantizer.temperature
            try require(
                temperature.start > 0 && temperature.end > 0,
                "quantizer.temperature.start and .end must be positive")
            for (key, value) in [("start", temperature.start), ("end", temperature.end)] {
                try require(
                    (1e-6...1e6).contains(value),
                    "quantizer.temperature.\(key) must lie between 1e-6 and 1e6, not \(value): logits divided by "
                        + "it would overflow float32")
            }
            try require(
                temperature.decay > 0 && temperature.decay <= 1,
                "quantizer.temperature.decay", "must be above 0 and at most 1, not \(temperature.decay)")
            try require(
                temperature.linearFraction > 0 && temperature.linearFraction <= 1,
                "quantizer.temperature.linear_fraction", "must be above 0 and at most 1")
        }
    }

    private func validatePrediction() throws {
        try require(prediction.steps > 0, "prediction.steps", "must be at least 1, not \(prediction.steps)")
        try require(prediction.offset >= 0, "prediction.offset", "must not be negative (0: automatic)")
        try require(
            prediction.negatives >= 0 && prediction.crossSampleNegatives >= 0,
            "prediction.negatives and prediction.cross_sample_negatives must not be negative")
        try validateCounts([
            ("prediction.steps", prediction.steps), ("prediction.offset", prediction.offset),
            ("prediction.negatives", prediction.negatives),
            ("prediction.cross_sample_negatives", prediction.crossSampleNegatives),
            ("prediction.sample_distance", prediction.sampleDistance),
        ])
        try require(
            prediction.negatives + prediction.crossSampleNegatives > 0,
            "prediction.negatives and prediction.cross_sample_negatives are both 0: nothing to contrast with")
        try require(
            prediction.sampleDistance == 0 || prediction.sampleDistance > 1,
            "prediction.sample_distance", "must be 0 (whole utterance) or at least 2")
        try require(
            !prediction.balancedClasses || prediction.negatives > 0 || prediction.infoNCE,
            "prediction.balanced_classes needs prediction.negatives above 0")
        try require(
            prediction.projectFeatures == .none || contextChannels == targetChannels,
            "prediction.project_features = \(prediction.projectFeatures.rawValue) needs an aggregator whose "
                + "output (\(contextChannels) channels) is as wide as the quantized frames (\(targetChannels))"
        )
        let strided = aggregator.layers.contains { $0.stride > 1 }
        try require(
            !strided || (!aggregator.skipConnections && prediction.projectFeatures != .none),
            "aggregator.layers with a stride above 1 need aggregator.skip_connections = false and "
                + "prediction.project_features = same or new")
    }

    private func validateCounts(_ counts: [(key: String, value: Int)]) throws {
        for (key, value) in counts {
            try require(
                value <= Self.largestCount, key, "must be at most \(Self.largestCount), not \(value)")
        }
    }

    private func require(_ condition: Bool, _ key: String, _ problem: String) throws {
        guard condition else { throw ConfigurationError.value(key: key, problem: problem) }
    }

    private func require(_ condition: Bool, _ combination: String) throws {
        guard condition else { throw ConfigurationError.combination(combination) }
    }
}

extension ModelConfiguration {
    /// C, channels of the encoder's output z.
    public var encodedChannels: Int { encoder.layers.last?.channels ?? 0 }

    /// Channels of the quantized frames, ẑ or ĉ.
    public var quantizedChannels: Int {
        quantizer.kind == .none || quantizer.dimension == 0 ? quantizerInputs : quantizer.dimension
    }

    /// Whether it is c that is quantized.
    public var quantizesContext: Bool { quantizer.kind != .none && quantizer.position == .aggregator }

    /// Channels of what is quantized, z or c.
    var quantizerInputs: Int { quantizesContext ? contextChannels : encodedChannels }

    /// Channels of what enters the aggregator, and of the targets.
    public var targetChannels: Int { quantizesContext ? encodedChannels : quantizedChannels }

    /// C', channels of the aggregator's output c.
    public var contextChannels: Int { aggregator.layers.last?.channels ?? 0 }

    /// Samples between the starts of two frames.
    public var samplesPerFrame: Int { encoder.layers.totalStride }

    /// Samples that one frame of z sees: the shortest waveform with a frame.
    public var receptiveField: Int { encoder.layers.receptiveField }

    /// Frames of z for a waveform of so many samples; 0 where it is shorter than the receptive field.
    public func frames(samples: Int) -> Int { encoder.layers.outputs(samples) }

    /// The first predicted step: `prediction.offset`, or ⌈receptive field / stride⌉ (fairseq's `auto`).
    public var firstStep: Int {
        guard prediction.offset == 0 else { return prediction.offset }
        return (receptiveField + samplesPerFrame - 1) / samplesPerFrame
    }
}
