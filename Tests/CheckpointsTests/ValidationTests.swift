import Checkpoints
import Tensors
import Testing
import VQWav2Vec

@Suite struct ValidationTests {
    @Test(arguments: [
        ("loss.kmeans_weight=-1", "loss.kmeans_weight must be at least 0"),
        ("loss.diversity_weight=-0.1", "loss.diversity_weight must be at least 0"),
        ("optimizer.beta1=1", "optimizer.beta1 must be at least 0 and below 1"),
        ("optimizer.beta2=-0.1", "optimizer.beta2 must be at least 0 and below 1"),
        ("optimizer.average_decay=1", "optimizer.average_decay must be at least 0 and below 1, not 1.0"),
        ("optimizer.epsilon=0", "optimizer.epsilon must be above 0"),
        ("optimizer.weight_decay=-1", "optimizer.weight_decay must be at least 0"),
        ("optimizer.clip_norm=-1", "optimizer.clip_norm must be at least 0.0 (0: never clip), not -1.0"),
        ("schedule.learning_rate=-1", "schedule.learning_rate must be at least 0"),
        ("schedule.learning_rate=1e-7", "schedule.minimum_learning_rate = 1e-06 must not be above"),
        ("schedule.minimum_learning_rate=-1", "schedule.minimum_learning_rate must be at least 0"),
        (
            "schedule.warmup_initial_learning_rate=-1",
            "schedule.warmup_initial_learning_rate must be at least 0"
        ),
        ("schedule.warmup_updates=-1", "schedule.warmup_updates must be at least 0"),
        ("schedule.period_updates=-1", "schedule.period_updates must be at least 0"),
        ("schedule.period_multiplier=0.5", "schedule.period_multiplier must be at least 1"),
        ("schedule.shrink=1.5", "schedule.shrink must be from 0 to 1"),
        ("data.sample_rate=0", "data.sample_rate must be from 1 to 1000000 Hz"),
        ("data.max_sample_size=0", "data.max_sample_size must be at least 1"),
        ("data.max_sample_size=500", "data.max_sample_size = 500 makes crops of 1 frames, but the first"),
        ("data.min_sample_size=-1", "data.min_sample_size must be at least 0"),
        (
            "data.max_samples=23999",
            "data.max_samples = 23999 must hold one crop of data.max_sample_size = 24000"
        ),
        ("data.max_utterances=-1", "data.max_utterances must be at least 0"),
        ("data.validation_fraction=0.6", "data.validation_fraction must be from 0 to 0.5"),
        ("data.validation_fraction=-0.1", "data.validation_fraction must be from 0 to 0.5"),
        ("codebook.restart_after_updates=-1", "codebook.restart_after_updates must be at least 0"),
        ("training.max_updates=0", "training.max_updates must be at least 1"),
        ("training.max_updates=9000000000000000000", "training.max_updates must be at most 10^12"),
        ("training.accumulate_batches=0", "training.accumulate_batches must be at least 1"),
        ("training.log_every=0", "training.log_every must be at least 1"),
        ("training.validate_every=-1", "training.validate_every must be at least 0"),
        ("training.save_every=-1", "training.save_every must be at least 0"),
        ("quantizer.groups=3", "quantizer.groups = 3 must divide"),
        ("residual_scale=0", "residual_scale must be positive"),
        (
            "encoder.layers=[[9223372036854775807,1,1]]",
            "encoder.layers: [9223372036854775807, 1, 1] must hold numbers up to"
        ),
        (
            "encoder.layers=[[1,1,9000],[1,1,9000],[1,1,9000]]",
            "encoder.layers: the strides must multiply to at most"
        ),
        (
            "aggregator.layers=[[1,9223372036854775807,1]]",
            "aggregator.layers: [1, 9223372036854775807, 1] must hold"
        ),
        ("quantizer.variables=9223372036854775807", "quantizer.variables must be at most"),
        ("prediction.negatives=9223372036854775807", "prediction.negatives must be at most"),
        ("prediction.steps=9223372036854775807", "prediction.steps must be at most"),
        (
            "prediction.steps=1000",
            "prediction.steps = 1000 is more than there is to predict in crops of data.max_sample_size = 24000: "
                + "148 frames, the first prediction 3 frames ahead; give at most 145, or longer crops"
        ),
        ("data.min_sample_size=24001", "data.min_sample_size = 24001 must not be above"),
        ("optimizer.epsilon=1e-50", "optimizer.epsilon is 1e-50, which is too small for float32"),
        ("optimizer.epsilon=1e39", "optimizer.epsilon is 1e+39, which is too large for float32"),
        ("optimizer.clip_norm=1e-50", "optimizer.clip_norm is 1e-50"),
        ("optimizer.beta1=0.99999999999", "optimizer.beta1 is 0.99999999999, which float32 rounds to 1"),
        (
            "optimizer.weight_decay=1e9",
            "optimizer.weight_decay = 1000000000.0 times the learning rate, up to"
        ),
        ("schedule.learning_rate=1e39", "schedule.learning_rate is 1e+39"),
        ("schedule.period_multiplier=1e300", "schedule.period_multiplier must be at most 1000000"),
        ("loss.diversity_weight=1e-50", "loss.diversity_weight is 1e-50"),
        ("loss.kmeans_weight=1e39", "loss.kmeans_weight is 1e+39"),
        ("quantizer.temperature.start=1e-39", "quantizer.temperature.start must lie between 1e-6 and 1e6"),
        ("quantizer.temperature.end=1e39", "quantizer.temperature.end must lie between 1e-6 and 1e6"),
        ("residual_scale=1e-50", "residual_scale must lie between 1e-6 and 1e6"),
        ("prediction.dropout=0.99999999999", "prediction.dropout must be at least 0 and below 1"),
        ("training.accumulate_batches=1000000000", "training.accumulate_batches must be at most 10000"),
        ("training.save_every_minutes=-1", "training.save_every_minutes must be from 0"),
        (
            "aggregator.layers=[[8,2,1024],[8,2,1024]]",
            "encoder.layers and aggregator.layers: all strides"
        ),
        (
            "encoder.layers=[[8,1048576,2],[8,1048576,1024],[8,1048576,1]]",
            "encoder.layers: the kernels and strides"
        ),
    ])
    func valuesOutOfRangeAreNamed(setting: String, expected: String) {
        do {
            _ = try RunConfiguration.resolve(settings: [setting])
            Issue.record("accepted \(setting)")
        } catch {
            #expect("\(error)".hasPrefix("--set \(setting): \(expected)"), "\(error)")
        }
    }

    @Test(arguments: [
        "data.max_sample_size=24000", "schedule.learning_rate=1e-6", "optimizer.clip_norm=0",
        "data.validation_fraction=0",
        "schedule.warmup_updates=100000", "training.validate_every=0", "loss.kmeans_weight=0",
        "optimizer.beta1=0", "prediction.steps=145", "training.accumulate_batches=10000",
        "training.save_every_minutes=0",
    ])
    func limitsThemselvesAreAllowed(setting: String) throws {
        _ = try RunConfiguration.resolve(settings: [setting])
    }
}
