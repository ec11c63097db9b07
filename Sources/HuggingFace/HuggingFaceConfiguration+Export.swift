import Layers
import TensorFiles
import Wav2Vec2

extension HuggingFaceConfiguration {
    /// What transformers' feature extractor adds to the variance of a waveform.
    static let normalizationEpsilon = 1e-7

    /// Nil where waveforms are not normalised, or in the same way.
    static func note(_ extractor: ExtractorConfiguration) -> String? {
        guard extractor.normalizesWaveforms, extractor.normalizationEpsilon != normalizationEpsilon else {
            return nil
        }
        return "transformers add \(normalizationEpsilon) to the variance of a waveform and not "
            + "\(extractor.normalizationEpsilon): ids and features of recordings near silence may differ there"
    }

    /// What reading a folder of this model gives: what Hugging Face has no field for has the value of its own training.
    /// - Returns: the model, and a line for each thing that differs. It decides training only, never an id or a feature.
    /// - Throws: `HuggingFaceError` for a model that transformers has not.
    static func closest(to model: Wav2Vec2Configuration) throws -> (
        model: Wav2Vec2Configuration, notes: [String]
    ) {
        try refuseUnknown(model)
        var closest = try wav2vec2(HuggingFaceFields(fields(model), path: ""))
        closest.extractor.copyNormalization(of: model.extractor)
        closest.quantizer.targets = model.quantizer.targets
        var lost: [String] = []
        if model.loss.penaltyWeight != 0 { lost.append("feature penalty") }
        if model.extractor.gradientScale != 1 { lost.append("factor of the extractor's gradients") }
        if model.prediction.crossSampleNegatives + model.prediction.codebookNegatives > 0
            || model.prediction.negativesFromEverywhere
        {
            lost.append("negatives from elsewhere than the masked frames of a recording")
        }
        if model.quantizer.temperature != closest.quantizer.temperature {
            lost.append("schedule of the temperature")
        }
        return (
            closest,
            lost.map { "Hugging Face's configuration has no \($0): training there would go on without it" }
        )
    }

    /// The same of HuBERT.
    static func closest(to model: HubertConfiguration) throws -> HubertConfiguration {
        var closest = try hubert(HuggingFaceFields(fields(model), path: ""))
        closest.extractor.copyNormalization(of: model.extractor)
        return closest
    }

    /// Weights that transformers has no place for.
    private static func refuseUnknown(_ model: Wav2Vec2Configuration) throws {
        let reasons: [(Bool, String)] = [
            (model.quantizer.inputs, "quantized inputs (quantizer.inputs)"),
            (model.quantizer.targets && model.quantizer.depth > 1, "a deep quantizer (quantizer.depth)"),
            (model.prediction.gatesTargets, "gated targets (prediction.gates_targets)"),
        ]
        if let reason = reasons.first(where: \.0) { throw HuggingFaceError.notExpressible(reason.1) }
    }

    /// The fields of `Wav2Vec2Config` that say the model.
    /// - Throws: `HuggingFaceError`, as below.
    static func fields(_ model: Wav2Vec2Configuration) throws -> JSONObject {
        try fields(model.extractor, model.transformer).merging([
            "num_codevector_groups": .integer(model.quantizer.groups),
            "num_codevectors_per_group": .integer(model.quantizer.variables),
            "codevector_dim": .integer(model.quantizedChannels),
            "proj_codevector_dim": .integer(model.targetWidth),
            "num_negatives": .integer(model.prediction.negatives),
            "contrastive_logits_temperature": .number(model.prediction.temperature),
            "feat_quantizer_dropout": .number(model.extractor.targetDropout),
            "mask_time_prob": .number(model.mask.time.probability),
            "mask_time_length": .integer(model.mask.time.length),
            "mask_feature_prob": .number(model.mask.channels.probability),
            "mask_feature_length": .integer(model.mask.channels.length),
            "diversity_loss_weight": .number(model.loss.diversityWeight),
        ])
    }

    /// Those of `HubertConfig`.
    /// - Throws: `HuggingFaceError`, as below.
    static func fields(_ model: HubertConfiguration) throws -> JSONObject {
        try fields(model.extractor, model.transformer)
    }

    /// - Throws: `HuggingFaceError` for a model without the linear map that transformers always have.
    private static func fields(
        _ extractor: ExtractorConfiguration, _ transformer: TransformerConfiguration
    ) throws -> JSONObject {
        guard extractor.layers.last?.channels != transformer.width else {
            throw HuggingFaceError.notExpressible(
                "model with an extractor as wide as the transformer, without a linear map between them")
        }
        func integers(_ numbers: [Int]) -> JSONValue { .array(numbers.map { .integer($0) }) }
        return [
            "conv_dim": integers(extractor.layers.map(\.channels)),
            "conv_kernel": integers(extractor.layers.map(\.kernel)),
            "conv_stride": integers(extractor.layers.map(\.stride)),
            "num_feat_extract_layers": .integer(extractor.layers.count),
            "feat_extract_norm": .string(extractor.norm.rawValue),
            "feat_extract_activation": .string("gelu"),
            "conv_bias": .boolean(extractor.bias),
            "feat_proj_dropout": .number(extractor.dropout),
            "num_hidden_layers": .integer(transformer.layers),
            "hidden_size": .integer(transformer.width),
            "intermediate_size": .integer(transformer.innerWidth),
            "num_attention_heads": .integer(transformer.heads),
            "do_stable_layer_norm": .boolean(transformer.normFirst),
            "layer_norm_eps": .number(1e-5),
            "hidden_act": .string(transformer.activation.rawValue),
            "num_conv_pos_embeddings": .integer(transformer.positionKernel),
            "num_conv_pos_embedding_groups": .integer(transformer.positionGroups),
            "hidden_dropout": .number(transformer.dropout),
            "attention_dropout": .number(transformer.attentionDropout),
            "activation_dropout": .number(transformer.activationDropout),
            "layerdrop": .number(transformer.layerDrop),
        ]
    }
}

extension ExtractorConfiguration {
    fileprivate mutating func copyNormalization(of other: ExtractorConfiguration) {
        normalizesWaveforms = other.normalizesWaveforms
        normalizationEpsilon = HuggingFaceConfiguration.normalizationEpsilon
    }
}
