extension ConfigurationKey {
    /// Of the whole configuration, in the order of files.
    public static let all: [ConfigurationKey] = model + optimization + run

    private static let model =
        encoder + quantizer + aggregator + prediction + [
            .init(
                "activation", "`relu` or `gelu` (exact), of every block", paper: "relu",
                fairseq: "relu → gelu"),
            .init("affine_norm", "learned scale and shift of group norms", paper: nil, fairseq: "on"),
            .init("residual_scale", "ρ of residual sums (block(x) + x) · √ρ", paper: nil, fairseq: "0.5"),
        ]

    private static let encoder: [ConfigurationKey] = [
        .init(
            "encoder.layers", "[channels, kernel, stride] of each", paper: "eight; ablations: first five",
            fairseq: "eight", inWords: "eight"),
        .init(
            "encoder.log_compression", "log(1 + abs(x)) on the output", paper: nil, fairseq: "on (2020: off)"),
        .init(
            "encoder.skip_connections", "residual sums between layers of equal width", paper: nil,
            fairseq: "off"),
    ]

    private static let quantizer: [ConfigurationKey] = [
        .init(
            "quantizer.kind", "`gumbel`, `kmeans`, `none` (plain wav2vec)", paper: "both",
            fairseq: "`none` → both"),
        .init(
            "quantizer.position", "what is quantized: z, behind the `encoder`, or c, behind the `aggregator`",
            paper: "encoder; figure 2: aggregator", fairseq: "encoder"),
        .init("quantizer.groups", "G, codewords per frame", paper: "2", fairseq: "2"),
        .init("quantizer.variables", "V, codewords per group", paper: "320", fairseq: "320"),
        .init(
            "quantizer.dimension", "width of ẑ, all groups together; 0: the encoder's", paper: nil,
            fairseq: "0"),
        .init("quantizer.combine_groups", "one codebook for all groups", paper: nil, fairseq: "off → on"),
        .init("quantizer.depth", "Gumbel: linear maps between z and logits", paper: "1", fairseq: "1 → 2"),
        .init(
            "quantizer.temperature.schedule",
            "Gumbel: how τ falls. `exponential`: max(start · decayⁿ, end) at update n; `linear`",
            paper: "linear",
            fairseq: "exponential"),
        .init("quantizer.temperature.start", "τ at first", paper: "2", fairseq: "2"),
        .init("quantizer.temperature.end", "τ at the end", paper: "0.5", fairseq: "0.5"),
        .init(
            "quantizer.temperature.decay", "exponential: factor per update", paper: nil, fairseq: "0.999995"),
        .init(
            "quantizer.temperature.linear_fraction", "linear: share of all updates until `end`", paper: "0.7",
            fairseq: nil),
        .init("quantizer.gamma", "k-means: γ, weight of the commitment term", paper: "0.25", fairseq: "0.25"),
    ]

    private static let aggregator: [ConfigurationKey] = [
        .init(
            "aggregator.layers", "as of the encoder", paper: "kernels 2…13; ablations: seven of 3",
            fairseq: "kernels 2…13", inWords: "kernels 2…13"),
        .init(
            "aggregator.zero_padding", "zeros on the left instead of the first frame", paper: nil,
            fairseq: "off"),
        .init("aggregator.bias", "of the convolutions", paper: nil, fairseq: "on"),
        .init(
            "aggregator.skip_connections", "residual sum around every layer", paper: "on",
            fairseq: "on (2020: off)"),
        .init("aggregator.dropout", "between convolution and norm", paper: nil, fairseq: "0"),
    ]

    private static let prediction: [ConfigurationKey] = [
        .init("prediction.steps", "K, steps ahead", paper: "8", fairseq: "12"),
        .init(
            "prediction.offset", "first step in frames; 0: ⌈receptive field / stride⌉", paper: "1",
            fairseq: "auto"),
        .init("prediction.negatives", "of the same utterance", paper: "10", fairseq: "10"),
        .init("prediction.cross_sample_negatives", "of the whole batch", paper: nil, fairseq: "0"),
        .init(
            "prediction.sample_distance", "own negatives from the first so many frames; 0: all", paper: nil,
            fairseq: "none"),
        .init(
            "prediction.balanced_classes", "negatives of a frame weigh as much as its positive", paper: nil,
            fairseq: "off"),
        .init(
            "prediction.infonce", "softmax over the candidates, not binary decisions", paper: nil,
            fairseq: "off"),
        .init(
            "prediction.project_features",
            "targets: `none` ẑ, `same` through the aggregator, `new` through a second one", paper: nil,
            fairseq: "none"),
        .init("prediction.dropout", "on the predictions", paper: nil, fairseq: "0"),
        .init("prediction.dropout_features", "on what enters the aggregator", paper: nil, fairseq: "0"),
        .init("prediction.dropout_context", "on what leaves it", paper: nil, fairseq: "0"),
    ]

    private static let optimization: [ConfigurationKey] = [
        .init(
            "loss.kmeans_weight", "of the k-means loss, times the number of positives", paper: "1",
            fairseq: "→ 1"),
        .init(
            "loss.diversity_weight", "Gumbel: of G·V − Σ perplexity, times the number of positives",
            paper: "0",
            fairseq: "→ 0"),
        .init("optimizer.beta1", "Adam: decay of the first moment", paper: nil, fairseq: "0.9"),
        .init("optimizer.beta2", "Adam: decay of the second moment", paper: nil, fairseq: "0.999"),
        .init("optimizer.epsilon", "Adam: added before the bias correction", paper: nil, fairseq: "1e-8"),
        .init("optimizer.weight_decay", "decoupled", paper: nil, fairseq: "0"),
        .init("optimizer.clip_norm", "largest norm of the gradient; 0: never clip", paper: nil, fairseq: "0"),
        .init(
            "optimizer.average_decay",
            "checkpoints have moving averages of the weights, with this decay; 0: the weights", paper: nil,
            fairseq: "off"),
        .init(
            "schedule.decay", "after the warm-up: `cosine` or `polynomial`", paper: "cosine",
            fairseq: "→ cosine"),
        .init("schedule.power", "polynomial: exponent", paper: nil, fairseq: "1"),
        .init("schedule.learning_rate", "peak", paper: "5e-3", fairseq: "→ 1e-5"),
        .init("schedule.minimum_learning_rate", "end of the cosine", paper: "1e-6", fairseq: "→ 1e-6"),
        .init("schedule.warmup_initial_learning_rate", "at update 0", paper: "1e-7", fairseq: "→ 1e-7"),
        .init("schedule.warmup_updates", "linear from there to the peak", paper: "500", fairseq: "→ 1000"),
        .init(
            "schedule.period_updates", "length of the cosine; 0: to `training.max_updates`", paper: nil,
            fairseq: "0"),
        .init("schedule.period_multiplier", "growth of each period over the last", paper: nil, fairseq: "1"),
        .init("schedule.shrink", "factor of the rates in each new period", paper: nil, fairseq: "0.1"),
    ]

    private static let run: [ConfigurationKey] = [
        .init("data.sample_rate", "in Hz", paper: "16000", fairseq: "16000"),
        .init("data.max_sample_size", "longest crop, in samples", paper: "150000", fairseq: "→ 150000"),
        .init(
            "data.min_sample_size", "shorter recordings are skipped; 0: automatic", paper: nil, fairseq: nil),
        .init("data.max_samples", "per batch, at most", paper: "1500000", fairseq: "→ 300000"),
        .init("data.max_utterances", "per batch, at most; 0: no limit", paper: "10", fairseq: nil),
        .init(
            "data.padding",
            "wav2vec 2.0: batches are filled up to their longest recording, not cropped to the shortest",
            paper: nil, fairseq: "off"),
        .init(
            "data.covers_recordings", "as many crops of a recording in an epoch as it is long, not one",
            paper: nil, fairseq: "off"),
        .init(
            "data.validation_fraction", "share held out where no `--validation` is given", paper: nil,
            fairseq: nil),
        .init(
            "augmentation.speed", "crops are played up to this share faster or slower, pitch and all",
            paper: nil, fairseq: nil),
        .init(
            "augmentation.reverberation", "share of crops in a synthetic room of 0.1 to 0.6 s", paper: nil,
            fairseq: nil),
        .init(
            "augmentation.band_rejection", "share of crops that lose a band of frequencies", paper: nil,
            fairseq: nil),
        .init(
            "augmentation.noise", "share of crops with coloured noise, 5 to 25 dB below them", paper: nil,
            fairseq: nil),
        .init(
            "codebook.initialize_from_data",
            "before the first update, codewords become encoder outputs of the first batch", paper: nil,
            fairseq: nil),
        .init(
            "codebook.restart_after_updates",
            "k-means: updates until unused codewords become encoder outputs; 0: never", paper: nil,
            fairseq: nil),
        .init("training.seed", "of everything that is random", paper: nil, fairseq: "→ 2"),
        .init(
            "training.max_updates", "length of the run", paper: "400000; ablations: 40000",
            fairseq: "→ 400000"),
        .init(
            "training.accumulate_batches", "batches whose gradients make one update (the others' GPUs)",
            paper: "8",
            fairseq: "→ 16"),
        .init(
            "training.precision", "operands of large products: `float32` or `bf16`", paper: nil,
            fairseq: "float32"),
        .init("training.log_every", "updates between two lines of the log", paper: nil, fairseq: nil),
        .init(
            "training.validate_every", "updates between validations; 0: only at the end", paper: nil,
            fairseq: nil),
        .init("training.save_every", "updates between saves; 0: only at the end", paper: nil, fairseq: nil),
        .init(
            "training.save_every_minutes", "minutes after which there is a save in any case; 0: never",
            paper: nil,
            fairseq: nil),
        .init(
            "training.keep_checkpoints", "checkpoints by `training.save_every` that stay beside the last one",
            paper: nil, fairseq: nil),
    ]
}
