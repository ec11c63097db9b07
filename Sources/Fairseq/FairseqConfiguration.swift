import Files
import Layers
import TensorFiles
import VQWav2Vec

/// fairseq's names and values for the fields of a model (`Wav2VecConfig` in fairseq/models/wav2vec/wav2vec.py).
public enum FairseqConfiguration {
    /// Reads a model from fairseq's fields: those of today's dataclass, or a whole `argparse.Namespace` of 2020
    /// with everything else that it holds. Fields that are missing or null have fairseq's default.
    /// - Returns: a configuration that still has to be validated.
    /// - Throws: `FairseqConfigurationError` that names the field, its value and what it may be.
    public static func model(_ fields: JSONObject) throws -> ModelConfiguration {
        let fields = FairseqFields(fields)
        let aggregator = try fields.string("aggregator", default: "cnn")
        guard aggregator != "gru" else {
            throw FairseqConfigurationError.recurrentAggregator
        }
        guard aggregator == "cnn" else {
            throw FairseqConfigurationError.wrongValue(
                field: "aggregator", value: .string(aggregator), expected: "cnn")
        }

        var model = ModelConfiguration()
        model.activation = try fields.choice("activation", default: .relu)
        model.affineNorm = try !fields.boolean("non_affine_group_norm", default: false)
        model.residualScale = try fields.number("residual_scale", default: 0.5)

        model.encoder.layers = try fields.layers("conv_feature_layers", default: defaultEncoder)
        model.encoder.logCompression = try fields.boolean("log_compression", default: true)
        model.encoder.skipConnections = try fields.boolean("skip_connections_feat", default: false)

        model.quantizer = try quantizer(fields)

        model.aggregator.layers = try fields.layers("conv_aggregator_layers", default: defaultAggregator)
        model.aggregator.zeroPadding = try fields.boolean("agg_zero_pad", default: false)
        model.aggregator.bias = try !fields.boolean("no_conv_bias", default: false)
        model.aggregator.skipConnections = try fields.boolean("skip_connections_agg", default: true)
        model.aggregator.dropout = try fields.number("dropout", default: 0)

        model.prediction = try prediction(fields)
        return model
    }

    private static func quantizer(_ fields: FairseqFields) throws -> QuantizerConfiguration {
        var quantizer = QuantizerConfiguration()
        quantizer.kind = try fields.choice("vq_type", default: .none)
        quantizer.groups = try fields.integer("vq_groups", default: 2)
        quantizer.variables = try fields.integer("vq_vars", default: 320)
        quantizer.dimension = try fields.integer("vq_dim", default: 0)
        quantizer.combineGroups = try fields.boolean("combine_groups", default: false)
        quantizer.depth = try fields.integer("vq_depth", default: 1)
        quantizer.gamma = try fields.number("vq_gamma", default: 0.25)
        let (start, end, decay) = try fields.temperature("vq_temp", default: (2, 0.5, 0.999995))
        quantizer.temperature.schedule = .exponential
        (quantizer.temperature.start, quantizer.temperature.end) = (start, end)
        quantizer.temperature.decay = decay
        return quantizer
    }

    private static func prediction(_ fields: FairseqFields) throws -> PredictionConfiguration {
        var prediction = PredictionConfiguration()
        prediction.steps = try fields.integer("prediction_steps", default: 12)
        prediction.offset = try fields.offset("offset")
        prediction.negatives = try fields.integer("num_negatives", default: 10)
        prediction.crossSampleNegatives = try fields.integer("cross_sample_negatives", default: 0)
        prediction.sampleDistance = try fields.sampleDistance("sample_distance")
        prediction.balancedClasses = try fields.boolean("balanced_classes", default: false)
        prediction.infoNCE = try fields.boolean("infonce", default: false)
        prediction.projectFeatures = try fields.choice("project_features", default: .none)
        prediction.dropout = try fields.number("dropout", default: 0)
        prediction.dropoutFeatures = try fields.number("dropout_features", default: 0)
        prediction.dropoutContext = try fields.number("dropout_agg", default: 0)
        return prediction
    }

    private static let defaultEncoder: [ConvolutionLayer] = [
        .init(512, 10, 5), .init(512, 8, 4), .init(512, 4, 2), .init(512, 4, 2), .init(512, 4, 2),
        .init(512, 1, 1), .init(512, 1, 1), .init(512, 1, 1),
    ]
    private static let defaultAggregator: [ConvolutionLayer] = (2...13).map { .init(512, $0, 1) }
}

/// A field of fairseq's configuration that has no meaning here, or the reverse.
public enum FairseqConfigurationError: Error, Equatable {
    case recurrentAggregator
    case wrongValue(field: String, value: JSONValue, expected: String)
    /// A variant of fairseq's that is not supported.
    /// - Parameters:
    ///   - only: the value that is.
    case unsupported(field: String, value: JSONValue, only: JSONValue)
    /// A list of convolutions that cannot be read.
    case wrongLayers(field: String, LayerListError)
    // The reverse: what fairseq has no fields for.
    /// Quantized frames of another width than the encoder's, in channels.
    case quantizedWidth(Int, encoded: Int)
    /// Two rates where fairseq has one.
    case dropouts(aggregator: Double, prediction: Double)
    case linearTemperature
    case quantizedContext
}

extension FairseqConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .recurrentAggregator: "fairseq's GRU aggregator is not supported"
        case .wrongValue(let field, let value, let expected):
            "fairseq's \(field) is \(value) instead of \(expected)"
        case .unsupported(let field, let value, let only):
            "fairseq's \(field) = \(value) is not supported, only \(only)"
        case .wrongLayers(let field, let error): "fairseq's \(field): \(error)"
        case .quantizedWidth(let width, let encoded):
            "fairseq has no quantized frames (quantizer.dimension = \(width)) of another width than the "
                + "encoder's (\(encoded)); convert to another format"
        case .dropouts(let aggregator, let prediction):
            "fairseq has one dropout: aggregator.dropout = \(aggregator) and prediction.dropout = \(prediction) "
                + "must be equal"
        case .linearTemperature:
            "fairseq has no linear temperature: quantizer.temperature.schedule must be exponential"
        case .quantizedContext:
            "fairseq has no quantizer behind the aggregator (quantizer.position); convert to another format"
        }
    }
}
