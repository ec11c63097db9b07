import Autodiff
import Layers
import TensorFiles
import Wav2Vec2

/// Hugging Face's names and values for the fields of wav2vec 2.0 and HuBERT (`Wav2Vec2Config`, `HubertConfig` of
/// transformers).
enum HuggingFaceConfiguration {
    /// Fields that are missing or null have Hugging Face's default. What it cannot express has the value that its own
    /// training has: no feature penalty, and an extractor that learns as the rest.
    /// - Throws: `HuggingFaceError` that names the file, the field, its value and what it may be.
    static func wav2vec2(_ fields: HuggingFaceFields) throws -> Wav2Vec2Configuration {
        try refuseVariants(fields)
        var model = Wav2Vec2Configuration()
        model.extractor = try extractor(fields)
        model.transformer = try transformer(fields)
        model.quantizer.groups = try fields.integer("num_codevector_groups", default: 2)
        model.quantizer.variables = try fields.integer("num_codevectors_per_group", default: 320)
        model.quantizer.dimension = try fields.integer("codevector_dim", default: 256)
        model.prediction.width = try fields.integer("proj_codevector_dim", default: 256)
        model.prediction.negatives = try fields.integer("num_negatives", default: 100)
        model.prediction.temperature = try fields.number("contrastive_logits_temperature", default: 0.1)
        model.mask.time.probability = try fields.number("mask_time_prob", default: 0.05)
        model.mask.time.length = try fields.integer("mask_time_length", default: 10)
        model.mask.channels.probability = try fields.number("mask_feature_prob", default: 0)
        model.mask.channels.length = try fields.integer("mask_feature_length", default: 10)
        model.loss = Wav2Vec2Losses(
            diversityWeight: try fields.number("diversity_loss_weight", default: 0.1), penaltyWeight: 0)
        return model
    }

    /// The same of a HuBERT model.
    static func hubert(_ fields: HuggingFaceFields) throws -> HubertConfiguration {
        try refuseVariants(fields)
        var model = HubertConfiguration()
        model.extractor = try extractor(fields)
        model.transformer = try transformer(fields)
        return model
    }

    /// What changes the model and is not supported.
    private static func refuseVariants(_ fields: HuggingFaceFields) throws {
        for (field, only): (String, JSONValue) in [
            ("add_adapter", .boolean(false)), ("feat_extract_activation", .string("gelu")),
            ("layer_norm_eps", .number(1e-5)), ("conv_pos_batch_norm", .boolean(false)),
            ("feat_proj_layer_norm", .boolean(true)),
        ] {
            try fields.require(field, only)
        }
        if let size = fields.value("adapter_attn_dim") {
            throw fields.wrong("adapter_attn_dim", size, expected: "null")
        }
        // There is a linear map between extractor and transformer, whatever their widths; here only where they differ.
        let standard = TransformerConfiguration().width
        let (width, channels) = (
            try fields.integer("hidden_size", default: standard),
            try fields.integers("conv_dim", default: ExtractorConfiguration().layers.map(\.channels))
        )
        guard width != channels.last else {
            throw fields.wrong(
                "hidden_size", .integer(width), expected: "another width than that of the last convolution")
        }
    }

    private static func extractor(_ fields: HuggingFaceFields) throws -> ExtractorConfiguration {
        var extractor = ExtractorConfiguration()
        let standard = extractor.layers
        let channels = try fields.integers("conv_dim", default: standard.map(\.channels))
        let kernels = try fields.integers("conv_kernel", default: standard.map(\.kernel))
        let strides = try fields.integers("conv_stride", default: standard.map(\.stride))
        guard channels.count == kernels.count, channels.count == strides.count else {
            throw fields.wrong(
                "conv_dim", .array(channels.map { .integer($0) }),
                expected: "a list as long as conv_kernel and conv_stride")
        }
        extractor.layers = zip(channels, zip(kernels, strides)).map { .init($0, $1.0, $1.1) }
        let norm = try fields.string("feat_extract_norm", default: "group")
        guard let norm = ExtractorConfiguration.Norm(rawValue: norm) else {
            throw fields.wrong("feat_extract_norm", .string(norm), expected: "group or layer")
        }
        extractor.norm = norm
        extractor.bias = try fields.boolean("conv_bias", default: false)
        extractor.gradientScale = 1
        extractor.dropout = try fields.number("feat_proj_dropout", default: 0)
        extractor.targetDropout = try fields.number("feat_quantizer_dropout", default: 0)
        return extractor
    }

    private static func transformer(_ fields: HuggingFaceFields) throws -> TransformerConfiguration {
        var transformer = TransformerConfiguration()
        transformer.layers = try fields.integer("num_hidden_layers", default: 12)
        transformer.width = try fields.integer("hidden_size", default: 768)
        transformer.innerWidth = try fields.integer("intermediate_size", default: 3072)
        transformer.heads = try fields.integer("num_attention_heads", default: 12)
        transformer.normFirst = try fields.boolean("do_stable_layer_norm", default: false)
        let activation = try fields.string("hidden_act", default: "gelu")
        guard let activation = Activation(rawValue: activation) else {
            throw fields.wrong("hidden_act", .string(activation), expected: "gelu or relu")
        }
        transformer.activation = activation
        transformer.positionKernel = try fields.integer("num_conv_pos_embeddings", default: 128)
        transformer.positionGroups = try fields.integer("num_conv_pos_embedding_groups", default: 16)
        transformer.dropout = try fields.number("hidden_dropout", default: 0.1)
        transformer.attentionDropout = try fields.number("attention_dropout", default: 0.1)
        transformer.activationDropout = try fields.number("activation_dropout", default: 0.1)
        transformer.layerDrop = try fields.number("layerdrop", default: 0.1)
        return transformer
    }
}
