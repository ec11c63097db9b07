import Layers
import TensorFiles
import VQWav2Vec

extension FairseqConfiguration {
    /// The nearest model that fairseq has fields for. What differs decides training only, never an id.
    /// - Returns: the model, and a line for each difference.
    /// - Throws: `FairseqConfigurationError` where fairseq cannot hold the weights.
    public static func closest(to model: ModelConfiguration) throws -> (
        model: ModelConfiguration, notes: [String]
    ) {
        guard !model.quantizesContext else { throw FairseqConfigurationError.quantizedContext }
        guard model.quantizedChannels == model.encodedChannels else {
            throw FairseqConfigurationError.quantizedWidth(
                model.quantizedChannels, encoded: model.encodedChannels)
        }
        var (closest, notes) = (model, [String]())
        if model.quantizer.kind == .gumbel {
            notes += closest.quantizer.temperature.makeExponential().map { [$0] } ?? []
        }
        if model.aggregator.dropout != model.prediction.dropout {
            closest.prediction.dropout = model.aggregator.dropout
            notes.append(
                "fairseq has one dropout: prediction.dropout = \(model.prediction.dropout) becomes "
                    + "aggregator.dropout = \(model.aggregator.dropout)")
        }
        return (closest, notes)
    }

    /// The model as fairseq's fields, all of them, as `model(_:)` reads them.
    /// - Throws: `FairseqConfigurationError` for a model that fairseq has no fields for: two rates where it
    ///   has one `dropout`, and a Gumbel quantizer with a linear temperature.
    public static func fields(_ model: ModelConfiguration) throws -> JSONObject {
        let (quantizer, prediction) = (model.quantizer, model.prediction)
        guard !model.quantizesContext else { throw FairseqConfigurationError.quantizedContext }
        guard model.aggregator.dropout == prediction.dropout else {
            throw FairseqConfigurationError.dropouts(
                aggregator: model.aggregator.dropout, prediction: prediction.dropout)
        }
        let temperature = quantizer.temperature
        guard quantizer.kind != .gumbel || temperature.schedule == .exponential else {
            throw FairseqConfigurationError.linearTemperature
        }
        return [
            "activation": .string(model.activation.rawValue),
            "non_affine_group_norm": .boolean(!model.affineNorm),
            "residual_scale": .number(model.residualScale),

            "conv_feature_layers": .string(LayerList.text(model.encoder.layers)),
            "log_compression": .boolean(model.encoder.logCompression),
            "skip_connections_feat": .boolean(model.encoder.skipConnections),

            "vq_type": .string(quantizer.kind.rawValue),
            "vq_groups": .integer(quantizer.groups),
            "vq_vars": .integer(quantizer.variables),
            "vq_dim": .integer(quantizer.dimension),
            "combine_groups": .boolean(quantizer.combineGroups),
            "vq_depth": .integer(quantizer.depth),
            "vq_gamma": .number(quantizer.gamma),
            "vq_temp": .array([
                .number(temperature.start), .number(temperature.end), .number(temperature.decay),
            ]),

            "aggregator": .string("cnn"),
            "conv_aggregator_layers": .string(LayerList.text(model.aggregator.layers)),
            "agg_zero_pad": .boolean(model.aggregator.zeroPadding),
            "no_conv_bias": .boolean(!model.aggregator.bias),
            "skip_connections_agg": .boolean(model.aggregator.skipConnections),

            "prediction_steps": .integer(prediction.steps),
            "offset": .string(prediction.offset == 0 ? "auto" : "\(prediction.offset)"),
            "num_negatives": .integer(prediction.negatives),
            "cross_sample_negatives": .integer(prediction.crossSampleNegatives),
            "sample_distance": prediction.sampleDistance == 0 ? .null : .integer(prediction.sampleDistance),
            "balanced_classes": .boolean(prediction.balancedClasses),
            "infonce": .boolean(prediction.infoNCE),
            "project_features": .string(prediction.projectFeatures.rawValue),
            "dropout": .number(prediction.dropout),
            "dropout_features": .number(prediction.dropoutFeatures),
            "dropout_agg": .number(prediction.dropoutContext),
        ]
    }
}

extension TemperatureConfiguration {
    /// Makes a linear schedule fairseq's.
    /// - Returns: a line on it; nil where it was already.
    mutating func makeExponential() -> String? {
        guard schedule == .linear else { return nil }
        (schedule, decay) = (.exponential, TemperatureConfiguration().decay)
        return
            "fairseq has no linear temperature: training it further would begin at \(start) and fall to \(end) by "
            + "fairseq's factor \(decay) per update"
    }
}
