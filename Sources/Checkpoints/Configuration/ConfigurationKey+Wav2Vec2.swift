extension ConfigurationKey {
    /// Of a configuration of wav2vec 2.0, in the order of files.
    public static let wav2vec2: [ConfigurationKey] = wav2vec2Model + all.filter(\.isShared)

    /// Those that such a configuration alone has.
    package static let wav2vec2Model: [ConfigurationKey] =
        [.wav2vec2("family", "`wav2vec2`; without it a file is of vq-wav2vec", fairseq: nil)]
        + extractor + targetQuantizer + transformer + mask + maskedPrediction

    private static let extractor: [ConfigurationKey] = [
        .wav2vec2(
            "extractor.layers", "[channels, kernel, stride] of each", fairseq: "`conv_feature_layers`",
            inWords: "seven of 512"),
        .wav2vec2(
            "extractor.norm",
            "`group`: each channel of the first block over time; `layer`: each frame, every block",
            fairseq: "`extractor_mode`"),
        .wav2vec2("extractor.bias", "of the convolutions", fairseq: "`conv_bias`"),
        .wav2vec2(
            "extractor.gradient_scale",
            "factor of all gradients that reach the extractor; 0: it does not learn",
            fairseq: "`feature_grad_mult`, 1"),
        .wav2vec2(
            "extractor.normalizes_waveforms", "each whole recording gets mean 0 and variance 1",
            fairseq: "`normalize` of the task"),
        .wav2vec2(
            "extractor.normalization_epsilon", "what is added to the variance then; Hugging Face: 1e-7",
            fairseq: "always 1e-5"),
        .wav2vec2("extractor.dropout", "on frames for the transformer", fairseq: "`dropout_input`, 0"),
        .wav2vec2("extractor.target_dropout", "on frames for targets", fairseq: "`dropout_features`, 0"),
    ]

    private static let targetQuantizer: [ConfigurationKey] = [
        .wav2vec2("quantizer.targets", "targets are quantized", fairseq: "`quantize_targets`, false"),
        .wav2vec2("quantizer.inputs", "the transformer sees quantized frames", fairseq: "`quantize_input`"),
        .wav2vec2("quantizer.is_shared", "one quantizer for both", fairseq: "`same_quantizer`"),
        .wav2vec2("quantizer.groups", "G, codewords per frame", fairseq: "`latent_groups`"),
        .wav2vec2("quantizer.variables", "V, codewords per group", fairseq: "`latent_vars`"),
        .wav2vec2(
            "quantizer.dimension", "width of a quantized frame, all groups together; 0: that of targets",
            fairseq: "`latent_dim`"),
        .wav2vec2("quantizer.depth", "linear maps between z and logits", fairseq: "`quantizer_depth`"),
        .wav2vec2(
            "quantizer.widening", "width of the inner maps, times that of z", fairseq: "`quantizer_factor`"),
        .wav2vec2(
            "quantizer.temperature.schedule",
            "how τ falls: `exponential`: max(start · decayⁿ, end); `linear`",
            fairseq: "exponential"),
        .wav2vec2("quantizer.temperature.start", "τ at first", fairseq: "`latent_temp`"),
        .wav2vec2("quantizer.temperature.end", "τ at the end", fairseq: "`latent_temp`"),
        .wav2vec2("quantizer.temperature.decay", "exponential: factor per update", fairseq: "`latent_temp`"),
        .wav2vec2(
            "quantizer.temperature.linear_fraction", "linear: share of all updates until `end`", fairseq: nil),
    ]

    private static let transformer: [ConfigurationKey] = [
        .wav2vec2("transformer.layers", "blocks of attention", fairseq: "`encoder_layers`"),
        .wav2vec2("transformer.width", "E", fairseq: "`encoder_embed_dim`"),
        .wav2vec2(
            "transformer.inner_width", "between the two linear maps", fairseq: "`encoder_ffn_embed_dim`"),
        .wav2vec2("transformer.heads", "of attention", fairseq: "`encoder_attention_heads`"),
        .wav2vec2(
            "transformer.norm_first", "norms before attention and maps, not behind the sums",
            fairseq: "`layer_norm_first`"),
        .wav2vec2("transformer.activation", "`gelu` (exact) or `relu`", fairseq: "`activation_fn`"),
        .wav2vec2(
            "transformer.position_kernel", "frames of the positional convolution", fairseq: "`conv_pos`"),
        .wav2vec2("transformer.position_groups", "its groups", fairseq: "`conv_pos_groups`"),
        .wav2vec2("transformer.dropout", "on inputs and outputs of blocks", fairseq: "`dropout`"),
        .wav2vec2(
            "transformer.attention_dropout", "on the weights of attention", fairseq: "`attention_dropout`"),
        .wav2vec2("transformer.activation_dropout", "behind the activation", fairseq: "`activation_dropout`"),
        .wav2vec2(
            "transformer.layer_drop", "probability that a block is skipped", fairseq: "`encoder_layerdrop`, 0"
        ),
    ]

    private static let mask: [ConfigurationKey] =
        spans("time", "frames", prefix: "mask_", names: ("mask_min_space", "no_mask_overlap"))
        + spans(
            "channels", "channels", prefix: "mask_channel_",
            names: ("mask_channel_min_space", "no_mask_channel_overlap")) + [
            .wav2vec2(
                "mask.channels_first", "channels are set to zero before frames are masked",
                fairseq: "`mask_channel_before`"),
            .wav2vec2(
                "mask.unmasked_share", "share of masked frames that are shown again",
                fairseq: "`mask_dropout`"),
        ]

    private static func spans(
        _ section: String, _ things: String, prefix: String, names: (space: String, separate: String)
    ) -> [ConfigurationKey] {
        let section = "mask.\(section)"
        return [
            .wav2vec2(
                "\(section).probability", "spans times their length, as a share of all \(things)",
                fairseq: "`\(prefix)prob`"),
            .wav2vec2("\(section).length", "of a span", fairseq: "`\(prefix)length`"),
            .wav2vec2(
                "\(section).lengths", "`static`, or drawn: `uniform`, `normal`, `poisson`",
                fairseq: "`\(prefix)selection`"),
            .wav2vec2(
                "\(section).other", "`uniform`: shortest; `normal`: deviation", fairseq: "`\(prefix)other`"),
            .wav2vec2("\(section).overlap", "spans may overlap", fairseq: "not `\(names.separate)`"),
            .wav2vec2("\(section).minimum_space", "between those that may not", fairseq: "`\(names.space)`"),
        ]
    }

    private static let maskedPrediction: [ConfigurationKey] = [
        .wav2vec2(
            "prediction.width", "F, in which cosines are taken; 0: the transformer's",
            fairseq: "`final_dim`, 0"),
        .wav2vec2(
            "prediction.negatives", "from masked frames of the same recording", fairseq: "`num_negatives`"),
        .wav2vec2(
            "prediction.cross_sample_negatives", "from the whole batch", fairseq: "`cross_sample_negatives`"),
        .wav2vec2("prediction.codebook_negatives", "from all codewords", fairseq: "`codebook_negatives`"),
        .wav2vec2(
            "prediction.negatives_from_everywhere", "from all frames, not those masked alone",
            fairseq: "`negatives_from_everywhere`"),
        .wav2vec2("prediction.temperature", "κ, by which cosines are divided", fairseq: "`logit_temp`"),
        .wav2vec2("prediction.gates_targets", "a gated linear unit on targets", fairseq: "`target_glu`"),
        .wav2vec2(
            "loss.diversity_weight", "of (G·V − Σ perplexity)/(G·V), times the number of positives",
            fairseq: "first of `loss_weights`"),
        .wav2vec2(
            "loss.penalty_weight", "of the mean square of the extractor's output, likewise",
            fairseq: "second of `loss_weights`"),
    ]
}
