import Autodiff
import Checkpoints
import Foundation
import Layers
import Speech
import Tensors
import Wav2Vec2

/// wav2vec 2.0 as `Trainer` sees it.
public final class Wav2Vec2Training: TrainableModel {
    public let model: Wav2Vec2Model
    private let configuration: RunConfiguration
    private let temperatures: TemperatureSchedule
    private var collapse = Wav2Vec2CollapseWarning()
    /// Codewords chosen in the last validation.
    public private(set) var validationUsage: CodebookUsage?

    /// With random weights, or those of a checkpoint.
    /// - Throws: `ConfigurationError`, or `CheckpointError` for weights of another shape.
    public convenience init(_ configuration: RunConfiguration, weights: Checkpoint? = nil) throws {
        let model = try Wav2Vec2Model(
            configuration.wav2vec2 ?? Wav2Vec2Configuration(), seed: configuration.training.seed)
        try weights?.load(into: model.parameters)
        self.init(model, configuration)
    }

    /// As a run has left it.
    /// - Throws: `CheckpointError`.
    public convenience init(resuming checkpoint: Checkpoint, configuration: RunConfiguration) throws {
        self.init(try checkpoint.wav2vec2Model(), configuration)
        validationUsage = try checkpoint.validationUsage()
    }

    private init(_ model: Wav2Vec2Model, _ configuration: RunConfiguration) {
        self.model = model
        self.configuration = configuration
        temperatures = TemperatureSchedule(
            model.configuration.quantizer.temperature, maxUpdates: configuration.training.maxUpdates)
    }

    public var parts: [ModelPart] { model.parts }

    public func begin(on batch: Batch) {}

    public func step(_ batch: Batch, at place: StepPlace, on tape: Tape) throws -> TrainingStep {
        let training = configuration.training
        let number = place.isTraining ? place.update &* training.accumulateBatches &+ place.index : 0
        let noise = StepNoise(
            training: place.isTraining, seed: training.seed, update: number, items: batch.ids)
        let output = try model.step(
            waveforms(of: batch), samples: batch.lengths,
            temperature: temperatures.temperature(at: place.update), losses: model.configuration.loss,
            noise: noise, on: tape)
        return TrainingStep(
            loss: output.loss, positives: output.scores.shape[0], tensors: output.namedTensors,
            counter: Wav2Vec2Counter(model.configuration, of: output))
    }

    /// [B, N], normalised where the model wants that, each by the level of its whole recording.
    private func waveforms(of batch: Batch) -> Tensor {
        var waveforms = batch.waveforms
        let extractor = model.configuration.extractor
        if extractor.normalizesWaveforms {
            precondition(batch.levels.count == batch.batchSize, "a batch without levels cannot be normalised")
            for (row, level) in batch.levels.enumerated() {
                let normalization = WaveformNormalization(
                    mean: level.mean, variance: level.variance, epsilon: extractor.normalizationEpsilon)
                let start = row * batch.samples
                for index in start..<start + batch.lengths[row] {
                    waveforms[index] = normalization(waveforms[index])
                }
            }
        }
        return Tensor(waveforms, shape: [batch.batchSize, batch.samples])
    }

    public func completeUpdate(
        _ updates: Int, counting counter: any FigureCounter
    ) -> UpdateCompletion { UpdateCompletion() }

    public func completeValidation(_ counter: any FigureCounter) {
        validationUsage = (counter as? Wav2Vec2Counter)?.usage
    }

    public func emptyCounter() -> any FigureCounter { Wav2Vec2Counter(model.configuration) }

    public func schedules(at update: Int) -> [ScheduleValue] {
        guard model.quantizer != nil || model.inputQuantizer != nil else { return [] }
        return [.temperature(temperatures.temperature(at: update))]
    }

    public func warning(after figures: any TrainingFigures, gradientNorm: Double) -> String? {
        (figures as? Wav2Vec2Figures).flatMap { collapse.observe($0, gradientNorm: gradientNorm) }
    }

    public var quantizer: (any Quantizer)? { model.quantizer }

    public func units(of waveform: [Float]) throws -> TokenSequence {
        try Wav2Vec2InferenceModel(model).quantize(waveform)
    }

    public func save(to path: String, state: RunState, optimizer: OptimizerState) throws {
        try Checkpoint.write(
            path, model: model, configuration: configuration, state: state, optimizer: optimizer,
            validationUsage: validationUsage, followsLinks: false)
    }
}

extension Wav2Vec2Step {
    /// The scores of negatives that are their positive are infinite: they are not looked at.
    fileprivate var namedTensors: [(name: String, tensor: Tensor)] {
        var tensors = [("extractor output", extracted.value), ("features z", features.value)]
        if let reported { tensors.append(("codebook input", reported.codebookInput.value)) }
        return tensors + [
            ("transformer input", input.value), ("context c", context.value),
            ("targets", positives.value), ("predictions", predictions.value), ("loss", loss.value),
        ]
    }
}
