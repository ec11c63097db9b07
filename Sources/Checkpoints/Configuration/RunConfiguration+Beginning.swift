import Layers
import VQWav2Vec

extension RunConfiguration {
    /// Checks what would make a run that is about to begin futile: it would not end, compute in vain, or do something
    /// else than it says. An older checkpoint may have such values and is read all the same.
    /// - Throws: `ConfigurationError` that names the key, the value and the remedy.
    package func validateBeginning() throws {
        try requireSingle([
            ("loss.kmeans_weight", loss.kmeansWeight), ("loss.diversity_weight", loss.diversityWeight),
            ("optimizer.epsilon", optimizer.epsilon), ("optimizer.clip_norm", optimizer.clipNorm),
            ("schedule.learning_rate", schedule.learningRate),
            ("schedule.minimum_learning_rate", schedule.minimumLearningRate),
            ("schedule.warmup_initial_learning_rate", schedule.warmupInitialLearningRate),
        ])
        for (decay, key) in optimizer.decays {
            guard Float(decay) < 1 else {
                throw ConfigurationError.value(
                    key: key, problem: "is \(decay), which float32 rounds to 1; give less")
            }
        }
        let highest = max(schedule.learningRate, schedule.warmupInitialLearningRate)
        guard optimizer.weightDecay * highest <= 1 else {
            throw ConfigurationError.combination(
                "optimizer.weight_decay = \(optimizer.weightDecay) times the learning rate, up to \(highest), "
                    + "must be at most 1: it is the share that each update takes off the weights")
        }
        guard schedule.periodMultiplier <= 1e6 else {
            throw ConfigurationError.value(
                key: "schedule.period_multiplier",
                problem: "must be at most 1000000, not \(schedule.periodMultiplier)")
        }
        guard training.accumulateBatches <= 10_000 else {
            throw ConfigurationError.value(
                key: "training.accumulate_batches",
                problem: "must be at most 10000, not \(training.accumulateBatches): one update "
                    + "would not end")
        }
        if isVQWav2Vec { try validateCrops() }
    }

    private func validateCrops() throws {
        let stride = model.aggregator.layers.totalStride
        let frames = (model.frames(samples: data.maxSampleSize) - 1) / stride + 1
        let possible = frames - model.firstStep
        guard model.prediction.steps <= possible else {
            throw ConfigurationError.combination(
                "prediction.steps = \(model.prediction.steps) is more than there is to predict in crops of "
                    + "data.max_sample_size = \(data.maxSampleSize): \(frames) frames, the first prediction "
                    + "\(model.firstStep) frames ahead; give at most \(max(possible, 1)), or longer crops")
        }
        guard data.minSampleSize <= data.maxSampleSize else {
            throw ConfigurationError.combination(
                "data.min_sample_size = \(data.minSampleSize) must not be above data.max_sample_size = "
                    + "\(data.maxSampleSize)")
        }
    }

    /// Numbers that float32 would turn into 0 or infinity, or nearly, would say something else than they do.
    private func requireSingle(_ values: [(key: String, value: Double)]) throws {
        for (key, value) in values where value != 0 && !(1e-30...1e30).contains(value) {
            throw ConfigurationError.value(
                key: key,
                problem:
                    "is \(value), which is too \(value < 1 ? "small" : "large") for float32: it must lie "
                    + "between 1e-30 and 1e30")
        }
    }
}
