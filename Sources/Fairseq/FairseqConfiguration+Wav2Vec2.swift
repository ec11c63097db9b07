import Autodiff
import Layers
import TensorFiles
import Wav2Vec2

extension FairseqConfiguration {
    /// Reads a wav2vec 2.0 model from fairseq's fields (`Wav2Vec2Config` in fairseq/models/wav2vec/wav2vec2.py). Fields
    /// that are missing or null have fairseq's default, which is not always that of the published models.
    /// - Parameters:
    ///   - task: fields of the task: whether it normalises waveforms.
    ///   - criterion: fields of the criterion: the weights of the losses that are added.
    /// - Returns: a configuration that still has to be validated.
    /// - Throws: `FairseqConfigurationError` that names the field, its value and what it may be.
    public static func wav2vec2(
        _ fields: JSONObject, task: JSONObject = JSONObject(), criterion: JSONObject = JSONObject()
    ) throws -> Wav2Vec2Configuration {
        try refuseVariants(fields)
        let task = FairseqFields(task)
        let fields = FairseqFields(fields)
        var model = Wav2Vec2Configuration()
        model.extractor = try extractor(fields)
        model.quantizer = try targetQuantizer(fields)
        model.transformer = try transformer(fields)
        model.mask.time = try spans(fields, "mask", names: timeNames, probability: 0.65)
        model.mask.channels = try spans(fields, "mask_channel", names: channelNames, probability: 0)
        model.mask.channelsFirst = try fields.boolean("mask_channel_before", default: false)
        model.mask.unmaskedShare = try fields.number("mask_dropout", default: 0)
        model.prediction = try maskedPrediction(fields)
        model.extractor.normalizesWaveforms = try task.boolean("normalize", default: false)
        if let weights = criterion["loss_weights"] {
            let hasQuantizer = model.quantizer.targets || model.quantizer.inputs
            model.loss = try losses(weights, hasQuantizer: hasQuantizer)
        }
        return model
    }

    /// Reads a HuBERT model from fairseq's fields (`HubertConfig` in fairseq/models/hubert/hubert.py), which has the same
    /// ones for the same blocks.
    /// - Parameter task: fields of the task: whether it normalises waveforms.
    /// - Returns: a configuration that still has to be validated.
    /// - Throws: as `wav2vec2`.
    public static func hubert(
        _ fields: JSONObject, task: JSONObject = JSONObject()
    ) throws -> HubertConfiguration {
        try refuseVariants(fields)
        let fields = FairseqFields(fields)
        var model = HubertConfiguration()
        model.extractor = try extractor(fields)
        model.transformer = try transformer(fields)
        model.extractor.normalizesWaveforms = try FairseqFields(task).boolean("normalize", default: false)
        return model
    }

    /// What changes the model and is not supported.
    private static func refuseVariants(_ fields: JSONObject) throws {
        let variants: [(field: String, only: [JSONValue])] = [
            ("layer_type", [.string("transformer")]),
            ("pos_conv_depth", [.integer(1)]),
            ("conv_pos_batch_norm", [.boolean(false)]),
            ("crop_seq_to_multiple", [.integer(1)]),
            ("require_same_masks", [.boolean(true)]),
            ("adp_num", [.integer(-1), .integer(0)]),
            ("attn_type", [.string("")]),
            ("pos_enc_type", [.string("abs")]),
            ("quantizer_type", [.string("gumbel")]),
            ("learnable_masks", [.boolean(false)]),
        ]
        for (field, only) in variants {
            guard let value = fields[field], value != .null, !only.contains(value) else { continue }
            throw FairseqConfigurationError.unsupported(field: field, value: value, only: only[0])
        }
    }

    /// One number stands for both terms, null for the contrastive loss alone; without a quantizer there is the penalty
    /// alone.
    private static func losses(_ weights: JSONValue, hasQuantizer: Bool) throws -> Wav2Vec2Losses {
        guard weights != .null else { return Wav2Vec2Losses(diversityWeight: 0, penaltyWeight: 0) }
        var weights = weights
        if case .string(let text) = weights { weights = (try? JSONValue(parsing: text)) ?? weights }
        var numbers: [Double] = []
        if case .array(let list) = weights { numbers = list.compactMap(\.finiteNumber) }
        guard case .array(let list) = weights, numbers.count == list.count,
            (hasQuantizer ? 1...2 : 1...1).contains(numbers.count)
        else {
            throw FairseqConfigurationError.wrongValue(
                field: "loss_weights", value: weights,
                expected: hasQuantizer ? "one number or two" : "one number")
        }
        return Wav2Vec2Losses(
            diversityWeight: hasQuantizer ? numbers[0] : 0, penaltyWeight: numbers[numbers.count - 1])
    }

    private static func extractor(_ fields: FairseqFields) throws -> ExtractorConfiguration {
        var extractor = ExtractorConfiguration()
        extractor.layers = try fields.layers(
            "conv_feature_layers", default: ExtractorConfiguration().layers)
        let mode = try fields.string("extractor_mode", default: "default")
        switch mode {
        case "default": extractor.norm = .group
        case "layer_norm": extractor.norm = .layer
        default:
            throw FairseqConfigurationError.wrongValue(
                field: "extractor_mode", value: .string(mode), expected: "default or layer_norm")
        }
        extractor.bias = try fields.boolean("conv_bias", default: false)
        extractor.gradientScale = try fields.number("feature_grad_mult", default: 1)
        extractor.dropout = try fields.number("dropout_input", default: 0)
        extractor.targetDropout = try fields.number("dropout_features", default: 0)
        return extractor
    }

    private static func targetQuantizer(_ fields: FairseqFields) throws -> TargetQuantizerConfiguration {
        var quantizer = TargetQuantizerConfiguration()
        quantizer.targets = try fields.boolean("quantize_targets", default: false)
        quantizer.inputs = try fields.boolean("quantize_input", default: false)
        quantizer.isShared = try fields.boolean("same_quantizer", default: false)
        quantizer.groups = try fields.integer("latent_groups", default: 2)
        quantizer.variables = try fields.integer("latent_vars", default: 320)
        quantizer.dimension = try fields.integer("latent_dim", default: 0)
        quantizer.depth = try fields.integer("quantizer_depth", default: 1)
        quantizer.widening = try fields.integer("quantizer_factor", default: 3)
        let (start, end, decay) = try fields.temperature("latent_temp", default: (2, 0.5, 0.999995))
        (quantizer.temperature.start, quantizer.temperature.end) = (start, end)
        quantizer.temperature.decay = decay
        return quantizer
    }

    private static func transformer(_ fields: FairseqFields) throws -> TransformerConfiguration {
        var transformer = TransformerConfiguration()
        transformer.layers = try fields.integer("encoder_layers", default: 12)
        transformer.width = try fields.integer("encoder_embed_dim", default: 768)
        transformer.innerWidth = try fields.integer("encoder_ffn_embed_dim", default: 3072)
        transformer.heads = try fields.integer("encoder_attention_heads", default: 12)
        transformer.normFirst = try fields.boolean("layer_norm_first", default: false)
        transformer.activation = try fields.choice("activation_fn", default: .gelu)
        transformer.positionKernel = try fields.integer("conv_pos", default: 128)
        transformer.positionGroups = try fields.integer("conv_pos_groups", default: 16)
        transformer.dropout = try fields.number("dropout", default: 0.1)
        transformer.attentionDropout = try fields.number("attention_dropout", default: 0.1)
        transformer.activationDropout = try fields.number("activation_dropout", default: 0)
        transformer.layerDrop = try fields.number("encoder_layerdrop", default: 0)
        return transformer
    }

    /// Fields of spans whose names do not begin as the others'.
    static let timeNames = (space: "mask_min_space", separate: "no_mask_overlap")
    static let channelNames = (space: "mask_channel_min_space", separate: "no_mask_channel_overlap")

    private static func spans(
        _ fields: FairseqFields, _ prefix: String, names: (space: String, separate: String),
        probability: Double
    ) throws -> SpanConfiguration {
        var spans = SpanConfiguration(
            probability: try fields.number("\(prefix)_prob", default: probability))
        spans.length = try fields.integer("\(prefix)_length", default: 10)
        spans.lengths = try fields.choice("\(prefix)_selection", default: .static)
        spans.other = try fields.number("\(prefix)_other", default: 0)
        spans.overlap = try !fields.boolean(names.separate, default: false)
        spans.minimumSpace = try fields.integer(names.space, default: 1)
        return spans
    }

    private static func maskedPrediction(_ fields: FairseqFields) throws -> MaskedPredictionConfiguration {
        var prediction = MaskedPredictionConfiguration()
        prediction.width = try fields.integer("final_dim", default: 0)
        prediction.negatives = try fields.integer("num_negatives", default: 100)
        prediction.crossSampleNegatives = try fields.integer("cross_sample_negatives", default: 0)
        prediction.codebookNegatives = try fields.integer("codebook_negatives", default: 0)
        prediction.negativesFromEverywhere = try fields.boolean("negatives_from_everywhere", default: false)
        prediction.temperature = try fields.number("logit_temp", default: 0.1)
        prediction.gatesTargets = try fields.boolean("target_glu", default: false)
        return prediction
    }
}
