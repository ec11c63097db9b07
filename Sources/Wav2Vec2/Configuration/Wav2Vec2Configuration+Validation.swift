import Layers

extension Wav2Vec2Configuration {
    /// Checks ranges and combinations.
    /// - Throws: `ConfigurationError` that names the key, the value and the remedy.
    public func validate() throws {
        try validateExtractor()
        try validateTransformer()
        try validateQuantizer()
        try validate(mask.time, key: "mask.time")
        try validate(mask.channels, key: "mask.channels")
        try require("mask.unmasked_share", mask.unmaskedShare, within: 0...1)
        try validatePrediction()
        try require("loss.diversity_weight", loss.diversityWeight, within: 0...1e30)
        try require("loss.penalty_weight", loss.penaltyWeight, within: 0...1e30)
        guard roughWeightCount <= Double(1 << 30) else {
            throw ConfigurationError.combination(
                "extractor.layers, transformer, quantizer and prediction.width make more than a billion weights"
            )
        }
    }

    /// About how many weights the model has, in floating point: sizes that have not been checked could overflow.
    package var roughWeightCount: Double {
        let widths = [1] + extractor.layers.map(\.channels)
        var count = zip(widths, extractor.layers).reduce(0.0) {
            $0 + Double($1.0) * Double($1.1.channels) * Double($1.1.kernel)
        }
        let (width, channels) = (Double(transformer.width), Double(extractedChannels))
        count += channels * width + width * width * Double(transformer.positionKernel)
        count += Double(transformer.layers) * (4 * width * width + 2 * width * Double(transformer.innerWidth))
        count += Double(targetWidth) * (width + 3 * Double(max(targetWidth, quantizedChannels)))
        let hidden = Double(quantizer.widening) * channels
        count += Double(quantizer.depth - 1) * hidden * hidden
        return count + Double(codewords)
            * (Double(max(quantizedChannels, quantizedInputChannels)) + max(channels, hidden))
    }

    /// No model comes near, and no sum or product of a few such numbers overflows.
    private static let largestCount = 1 << 20

    private func validateExtractor() throws {
        guard !extractor.layers.isEmpty else {
            throw ConfigurationError.value(
                key: "extractor.layers", problem: "must be at least one [channels, kernel, stride], not empty"
            )
        }
        for layer in extractor.layers {
            for number in [layer.channels, layer.kernel, layer.stride] {
                try require("each number of extractor.layers", number, within: 1...Self.largestCount)
            }
        }
        guard extractor.layers.reduce(1.0, { $0 * Double($1.stride) }) <= Double(Self.largestCount),
            extractor.layers.reduce(1.0, { $0 + Double($1.kernel) * Double($1.stride) }) < Double(1 << 31)
        else {
            throw ConfigurationError.combination(
                "extractor.layers: the strides must multiply to at most \(Self.largestCount)")
        }
        try require("extractor.gradient_scale", extractor.gradientScale, within: 0...1e6)
        try require("extractor.normalization_epsilon", extractor.normalizationEpsilon, within: 1e-30...1e30)
        try requireRate("extractor.dropout", extractor.dropout)
        try requireRate("extractor.target_dropout", extractor.targetDropout)
    }

    private func validateTransformer() throws {
        for (key, value) in [
            ("layers", transformer.layers), ("width", transformer.width),
            ("inner_width", transformer.innerWidth), ("heads", transformer.heads),
            ("position_kernel", transformer.positionKernel), ("position_groups", transformer.positionGroups),
        ] {
            try require("transformer.\(key)", value, within: 1...Self.largestCount)
        }
        for (key, divisor) in [("heads", transformer.heads), ("position_groups", transformer.positionGroups)]
        where transformer.width % divisor != 0 {
            throw ConfigurationError.combination(
                "transformer.\(key) = \(divisor) must divide transformer.width = \(transformer.width)")
        }
        for (key, rate) in [
            ("dropout", transformer.dropout), ("attention_dropout", transformer.attentionDropout),
            ("activation_dropout", transformer.activationDropout), ("layer_drop", transformer.layerDrop),
        ] {
            try requireRate("transformer.\(key)", rate)
        }
    }

    private func validateQuantizer() throws {
        try require("quantizer.groups", quantizer.groups, within: 1...Self.largestCount)
        try require("quantizer.variables", quantizer.variables, within: 2...Self.largestCount)
        try require("quantizer.dimension", quantizer.dimension, within: 0...Self.largestCount)
        try require("quantizer.depth", quantizer.depth, within: 1...Self.largestCount)
        try require("quantizer.widening", quantizer.widening, within: 1...Self.largestCount)
        let temperature = quantizer.temperature
        try require("quantizer.temperature.start", temperature.start, within: 1e-6...1e6)
        try require("quantizer.temperature.end", temperature.end, within: 1e-6...1e6)
        try require("quantizer.temperature.decay", temperature.decay, within: 1e-6...1)
        try require("quantizer.temperature.linear_fraction", temperature.linearFraction, within: 1e-6...1)
        for (isUsed, width) in [
            (quantizer.targets, quantizedChannels), (quantizer.inputs, quantizedInputChannels),
        ]
        where isUsed && width % quantizer.groups != 0 {
            throw ConfigurationError.combination(
                "quantizer.groups = \(quantizer.groups) must divide the width of quantized frames, \(width)")
        }
        if sharesQuantizer, quantizedChannels != targetWidth {
            throw ConfigurationError.combination(
                "quantizer.is_shared needs quantizer.dimension = 0 or prediction.width, not \(quantizer.dimension)"
            )
        }
    }

    private func validate(_ spans: SpanConfiguration, key: String) throws {
        try require("\(key).probability", spans.probability, within: 0...1e6)
        try require("\(key).length", spans.length, within: 1...Self.largestCount)
        try require("\(key).minimum_space", spans.minimumSpace, within: 0...Self.largestCount)
        try require("\(key).other", spans.other, within: 0...Double(Self.largestCount))
        guard spans.lengths != .uniform || spans.other <= Double(2 * spans.length) else {
            throw ConfigurationError.combination(
                "\(key).other = \(spans.other) must be at most twice \(key).length = \(spans.length)")
        }
    }

    private func validatePrediction() throws {
        try require("prediction.width", prediction.width, within: 0...Self.largestCount)
        for (key, value) in [
            ("negatives", prediction.negatives), ("cross_sample_negatives", prediction.crossSampleNegatives),
            ("codebook_negatives", prediction.codebookNegatives),
        ] {
            try require("prediction.\(key)", value, within: 0...Self.largestCount)
        }
        try require("prediction.temperature", prediction.temperature, within: 1e-6...1e6)
        guard
            prediction.negatives + prediction.crossSampleNegatives + prediction.codebookNegatives > 0
        else {
            throw ConfigurationError.combination(
                "prediction.negatives, cross_sample_negatives and codebook_negatives are all 0: nothing to "
                    + "contrast with")
        }
        guard prediction.codebookNegatives == 0 || quantizer.targets else {
            throw ConfigurationError.combination(
                "prediction.codebook_negatives needs quantizer.targets = true")
        }
    }

    private func requireRate(_ key: String, _ rate: Double) throws {
        guard rate >= 0, Float(rate) < 1 else {
            throw ConfigurationError.value(
                key: key, problem: "must be at least 0 and below 1, not \(rate)")
        }
    }

    private func require<Value: Comparable>(
        _ key: String, _ value: Value, within range: ClosedRange<Value>
    ) throws {
        guard range.contains(value) else {
            throw ConfigurationError.value(
                key: key, problem: "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
    }
}
