import Layers
import VQWav2Vec
import Wav2Vec2

extension RunConfiguration {
    /// Checks the ranges of all sections, the model's among them.
    /// - Throws: `ConfigurationError` that names the key, the value and the remedy.
    public func validate() throws {
        if let wav2vec2 {
            try wav2vec2.validate()
        } else if let hubert {
            try hubert.validate()
        } else {
            try model.validate()
        }
        try validateOptimization()
        try validateData()
        try validateTraining()
    }

    private func validateOptimization() throws {
        try require(loss.kmeansWeight, "loss.kmeans_weight", in: 0...)
        try require(loss.diversityWeight, "loss.diversity_weight", in: 0...)
        for (decay, key) in optimizer.decays {
            guard decay >= 0 && decay < 1 else {
                throw ConfigurationError.value(
                    key: key, problem: "must be at least 0 and below 1, not \(decay)")
            }
        }
        guard optimizer.epsilon > 0 else {
            throw ConfigurationError.value(
                key: "optimizer.epsilon", problem: "must be above 0, not \(optimizer.epsilon)")
        }
        try require(optimizer.weightDecay, "optimizer.weight_decay", in: 0...)
        try require(optimizer.clipNorm, "optimizer.clip_norm", in: 0..., meaning: "0: never clip")
        try require(schedule.learningRate, "schedule.learning_rate", in: 0...)
        try require(schedule.minimumLearningRate, "schedule.minimum_learning_rate", in: 0...)
        try require(schedule.warmupInitialLearningRate, "schedule.warmup_initial_learning_rate", in: 0...)
        guard schedule.minimumLearningRate <= schedule.learningRate else {
            throw ConfigurationError.combination(
                "schedule.minimum_learning_rate = \(schedule.minimumLearningRate) must not be above "
                    + "schedule.learning_rate = \(schedule.learningRate)")
        }
        try requireCount(schedule.warmupUpdates, "schedule.warmup_updates", from: 0)
        try requireCount(
            schedule.periodUpdates, "schedule.period_updates", from: 0,
            meaning: "0: up to training.max_updates")
        try require(schedule.periodMultiplier, "schedule.period_multiplier", in: 1...)
        guard schedule.power > 0, schedule.power <= 1000 else {
            throw ConfigurationError.value(
                key: "schedule.power", problem: "must be above 0 and at most 1000, not \(schedule.power)")
        }
        guard (0...1).contains(schedule.shrink) else {
            throw ConfigurationError.value(
                key: "schedule.shrink", problem: "must be from 0 to 1, not \(schedule.shrink)")
        }
    }

    private func validateData() throws {
        guard (1...1_000_000).contains(data.sampleRate) else {
            throw ConfigurationError.value(
                key: "data.sample_rate", problem: "must be from 1 to 1000000 Hz, not \(data.sampleRate)")
        }
        try requireCount(data.maxSampleSize, "data.max_sample_size", from: 1)
        try requireCount(data.minSampleSize, "data.min_sample_size", from: 0, meaning: "0: automatic")
        try requireCount(data.maxSamples, "data.max_samples", from: 1)
        try requireCount(data.maxUtterances, "data.max_utterances", from: 0, meaning: "0: no limit")
        guard !data.padding || wav2vec2 != nil else {
            throw ConfigurationError.combination(
                "data.padding = true is for wav2vec 2.0: vq-wav2vec crops the recordings of a batch to the shortest"
            )
        }
        if let wav2vec2 {
            guard data.maxSampleSize >= wav2vec2.minimumTrainingSamples else {
                throw ConfigurationError.combination(
                    "data.max_sample_size = \(data.maxSampleSize) must be at least "
                        + "\(wav2vec2.minimumTrainingSamples), which hold the frames to mask; give longer crops"
                )
            }
        }
        let frames = isVQWav2Vec ? model.frames(samples: data.maxSampleSize) : .max
        guard frames > model.firstStep else {
            throw ConfigurationError.combination(
                "data.max_sample_size = \(data.maxSampleSize) makes crops of \(frames) frames, but the first "
                    + "prediction is \(model.firstStep) frames ahead; give longer crops")
        }
        guard data.maxSamples >= data.maxSampleSize else {
            throw ConfigurationError.combination(
                "data.max_samples = \(data.maxSamples) must hold one crop of data.max_sample_size = "
                    + "\(data.maxSampleSize)")
        }
        guard (0...0.5).contains(augmentation.speed) else {
            throw ConfigurationError.value(
                key: "augmentation.speed", problem: "must be from 0 to 0.5, not \(augmentation.speed)")
        }
        for (key, share) in [
            ("reverberation", augmentation.reverberation), ("band_rejection", augmentation.bandRejection),
            ("noise", augmentation.noise),
        ] where !(0...1).contains(share) {
            throw ConfigurationError.value(
                key: "augmentation.\(key)", problem: "must be from 0 to 1, not \(share)")
        }
        guard (0...0.5).contains(data.validationFraction) else {
            throw ConfigurationError.value(
                key: "data.validation_fraction",
                problem: "must be from 0 to 0.5, not \(data.validationFraction)")
        }
    }

    private func validateTraining() throws {
        try requireCount(
            codebook.restartAfterUpdates, "codebook.restart_after_updates", from: 0, meaning: "0: never")
        try requireCount(training.maxUpdates, "training.max_updates", from: 1)
        try requireCount(training.accumulateBatches, "training.accumulate_batches", from: 1)
        try requireCount(training.logEvery, "training.log_every", from: 1)
        let atTheEnd = "0: at the end"
        try requireCount(training.validateEvery, "training.validate_every", from: 0, meaning: atTheEnd)
        try requireCount(training.saveEvery, "training.save_every", from: 0, meaning: atTheEnd)
        try requireCount(training.keepCheckpoints, "training.keep_checkpoints", from: 0, meaning: "0: none")
        guard (0...1e6).contains(training.saveEveryMinutes) else {
            throw ConfigurationError.value(
                key: "training.save_every_minutes",
                problem: "must be from 0 (never) to 1000000, not "
                    + "\(training.saveEveryMinutes)")
        }
    }

    private func require(
        _ value: Double, _ key: String, in range: PartialRangeFrom<Double>, meaning: String? = nil
    ) throws {
        guard range.contains(value) else {
            let note = meaning.map { " (\($0))" } ?? ""
            throw ConfigurationError.value(
                key: key, problem: "must be at least \(range.lowerBound)\(note), not \(value)")
        }
    }

    /// The upper limit keeps sums and products of counts far from overflow.
    private func requireCount(_ value: Int, _ key: String, from least: Int, meaning: String? = nil) throws {
        guard value >= least else {
            let note = meaning.map { " (\($0))" } ?? ""
            throw ConfigurationError.value(
                key: key, problem: "must be at least \(least)\(note), not \(value)")
        }
        guard value <= 1_000_000_000_000 else {
            throw ConfigurationError.value(key: key, problem: "must be at most 10^12, not \(value)")
        }
    }
}

extension OptimizerConfiguration {
    /// The shares of what was before that stay with each update, by their keys.
    var decays: [(decay: Double, key: String)] {
        [
            (beta1, "optimizer.beta1"), (beta2, "optimizer.beta2"),
            (averageDecay, "optimizer.average_decay"),
        ]
    }
}
