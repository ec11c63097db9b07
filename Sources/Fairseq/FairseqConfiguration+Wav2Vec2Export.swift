import Layers
import TensorFiles
import Wav2Vec2

extension FairseqConfiguration {
    /// The nearest model of wav2vec 2.0 that fairseq has fields for. What differs decides training, and ids near silence where a line says so.
    /// - Returns: the model, and a line for each difference.
    public static func closest(to model: Wav2Vec2Configuration) -> (
        model: Wav2Vec2Configuration, notes: [String]
    ) {
        var closest = model
        var notes = closest.quantizer.temperature.makeExponential().map { [$0] } ?? []
        closest.quantizer.temperature.linearFraction = TemperatureConfiguration().linearFraction
        // Without a quantizer there is no such term.
        if !model.quantizer.targets, !model.quantizer.inputs { closest.loss.diversityWeight = 0 }
        let epsilon = ExtractorConfiguration().normalizationEpsilon
        closest.extractor.normalizationEpsilon = epsilon
        if model.extractor.normalizesWaveforms, model.extractor.normalizationEpsilon != epsilon {
            notes.append(
                "fairseq adds \(epsilon) to the variance of a waveform and not \(model.extractor.normalizationEpsilon): "
                    + "ids of recordings near silence may differ there")
        }
        return (closest, notes)
    }

    /// The model as fairseq's fields, all of them, as `wav2vec2(_:task:criterion:)` reads them; `normalize` belongs to the task.
    /// - Parameter model: with an exponential temperature.
    public static func fields(_ model: Wav2Vec2Configuration) -> JSONObject {
        let (extractor, transformer) = (model.extractor, model.transformer)
        let (quantizer, prediction) = (model.quantizer, model.prediction)
        let temperature = quantizer.temperature
        let fields: JSONObject = [
            "conv_feature_layers": .string(LayerList.text(extractor.layers)),
            "extractor_mode": .string(extractor.norm == .group ? "default" : "layer_norm"),
            "conv_bias": .boolean(extractor.bias),
            "feature_grad_mult": .number(extractor.gradientScale),
            "dropout_input": .number(extractor.dropout),
            "dropout_features": .number(extractor.targetDropout),

            "encoder_layers": .integer(transformer.layers),
            "encoder_embed_dim": .integer(transformer.width),
            "encoder_ffn_embed_dim": .integer(transformer.innerWidth),
            "encoder_attention_heads": .integer(transformer.heads),
            "layer_norm_first": .boolean(transformer.normFirst),
            "activation_fn": .string(transformer.activation.rawValue),
            "conv_pos": .integer(transformer.positionKernel),
            "conv_pos_groups": .integer(transformer.positionGroups),
            "dropout": .number(transformer.dropout),
            "attention_dropout": .number(transformer.attentionDropout),
            "activation_dropout": .number(transformer.activationDropout),
            "encoder_layerdrop": .number(transformer.layerDrop),

            "quantize_targets": .boolean(quantizer.targets),
            "quantize_input": .boolean(quantizer.inputs),
            "same_quantizer": .boolean(quantizer.isShared),
            "latent_groups": .integer(quantizer.groups),
            "latent_vars": .integer(quantizer.variables),
            "latent_dim": .integer(quantizer.dimension),
            "quantizer_depth": .integer(quantizer.depth),
            "quantizer_factor": .integer(quantizer.widening),
            "latent_temp": .array([
                .number(temperature.start), .number(temperature.end), .number(temperature.decay),
            ]),

            "final_dim": .integer(prediction.width),
            "num_negatives": .integer(prediction.negatives),
            "cross_sample_negatives": .integer(prediction.crossSampleNegatives),
            "codebook_negatives": .integer(prediction.codebookNegatives),
            "negatives_from_everywhere": .boolean(prediction.negativesFromEverywhere),
            "logit_temp": .number(prediction.temperature),
            "target_glu": .boolean(prediction.gatesTargets),

            "mask_channel_before": .boolean(model.mask.channelsFirst),
            "mask_dropout": .number(model.mask.unmaskedShare),
        ]
        return fields.merging(spans(model.mask.time, "mask", names: timeNames))
            .merging(spans(model.mask.channels, "mask_channel", names: channelNames))
    }

    private static func spans(
        _ spans: SpanConfiguration, _ prefix: String, names: (space: String, separate: String)
    ) -> JSONObject {
        [
            "\(prefix)_prob": .number(spans.probability), "\(prefix)_length": .integer(spans.length),
            "\(prefix)_selection": .string(spans.lengths.rawValue), "\(prefix)_other": .number(spans.other),
            names.separate: .boolean(!spans.overlap), names.space: .integer(spans.minimumSpace),
        ]
    }

    /// The weights of what is added to the contrastive loss, as `loss_weights` of the criterion.
    public static func lossWeights(_ model: Wav2Vec2Configuration) -> [Double] {
        let hasQuantizer = model.quantizer.targets || model.quantizer.inputs
        return (hasQuantizer ? [model.loss.diversityWeight] : []) + [model.loss.penaltyWeight]
    }
}
