import Autodiff
import Checkpoints
import Foundation
import Layers
import Speech
import Tensors
import VQWav2Vec

/// vq-wav2vec, and wav2vec where there is no quantizer, as `Trainer` sees it.
public final class VQWav2VecTraining: TrainableModel {
    public let model: Model
    private let configuration: RunConfiguration
    private let temperatures: TemperatureSchedule
    private let losses: QuantizerLosses
    private var collapse: CollapseWarning
    /// Codewords chosen since unused ones were last restarted.
    private var window: CodebookUsage?
    /// What was quantized in the last step, where codewords are restarted on its frames.
    private var encoded: Tensor?
    /// Codewords chosen in the last validation.
    public private(set) var validationUsage: CodebookUsage?
    /// Whether the weights are those of a model without a quantizer, to which this one adds its own.
    public let hasNewParts: Bool

    /// With random weights, or those of a checkpoint, whose model may have no quantizer.
    /// - Throws: `ConfigurationError`, or `CheckpointError` for weights of another shape.
    public convenience init(_ configuration: RunConfiguration, weights: Checkpoint? = nil) throws {
        let model = try Model(configuration.model, seed: configuration.training.seed)
        let addsQuantizer =
            weights.map { $0.configuration.isVQWav2Vec && $0.configuration.model.quantizer.kind == .none }
            ?? false
        let known = model.parts.filter { !addsQuantizer || $0.name != Model.quantizerPart }
        try weights?.load(into: known.flatMap(\.parameters))
        self.init(model, configuration, hasNewParts: addsQuantizer && model.quantizer != nil)
    }

    /// As a run has left it.
    /// - Throws: `CheckpointError`.
    public convenience init(resuming checkpoint: Checkpoint, configuration: RunConfiguration) throws {
        let model = try Model(uninitialized: configuration.model)
        try checkpoint.load(into: model)
        self.init(model, configuration)
        window = try checkpoint.usage(Checkpoint.Key.windowUsage) ?? window
        validationUsage = try checkpoint.validationUsage()
    }

    private init(_ model: Model, _ configuration: RunConfiguration, hasNewParts: Bool = false) {
        self.model = model
        self.hasNewParts = hasNewParts
        self.configuration = configuration
        temperatures = TemperatureSchedule(
            configuration.model.quantizer.temperature, maxUpdates: configuration.training.maxUpdates)
        losses = QuantizerLosses(
            kmeansWeight: configuration.loss.kmeansWeight, diversityWeight: configuration.loss.diversityWeight
        )
        collapse = CollapseWarning(configuration)
        window = CodebookUsage(configuration.model.quantizer)
    }

    public var parts: [ModelPart] { model.parts }

    /// Codewords on frames of the first batch, where that is asked for.
    public func begin(on batch: Batch) {
        let stream = RandomStream(seed: configuration.training.seed, purpose: .codebookRestart)
        if hasNewParts {
            model.addQuantizer(batch.tensor, stream: stream)
        } else if configuration.codebook.initializeFromData {
            model.initializeFromData(batch.tensor, stream: stream)
        }
    }

    public func step(_ batch: Batch, at place: StepPlace, on tape: Tape) throws -> TrainingStep {
        let training = configuration.training
        let number = place.isTraining ? place.update &* training.accumulateBatches &+ place.index : 0
        let noise = StepNoise(
            training: place.isTraining, seed: training.seed, update: number, items: batch.ids)
        let output = try model.step(
            batch.tensor, temperature: temperatures.temperature(at: place.update), losses: losses,
            noise: noise,
            on: tape)
        if place.isTraining, output.quantization != nil { encoded = output.quantizerInput.value }
        return TrainingStep(
            loss: output.loss, positives: output.positives, tensors: output.namedTensors,
            counter: PredictionCounter(configuration.model, of: output, isTraining: place.isTraining))
    }

    public func completeUpdate(
        _ updates: Int, counting counter: any FigureCounter
    ) -> UpdateCompletion {
        if let chosen = (counter as? PredictionCounter)?.usage { window?.add(chosen) }
        defer { encoded = nil }
        let interval = configuration.codebook.restartAfterUpdates
        guard interval > 0, updates.isMultiple(of: interval), let quantizer = model.quantizer,
            let usage = window,
            let encoded
        else { return UpdateCompletion() }
        let unused = usage.unusedRows(of: quantizer)
        let restarted = quantizer.restartCodewords(
            unused, from: encoded,
            stream: RandomStream(
                seed: configuration.training.seed, purpose: .codebookRestart, update: updates))
        window = CodebookUsage(groups: usage.groups, variables: usage.variables)
        let note = "update \(updates): restarted \(restarted) unused codewords"
        return UpdateCompletion(notes: restarted > 0 ? [note] : [], movedWeights: !unused.isEmpty)
    }

    public func completeValidation(_ counter: any FigureCounter) {
        validationUsage = (counter as? PredictionCounter)?.usage
    }

    public func emptyCounter() -> any FigureCounter { PredictionCounter(configuration.model) }

    public func schedules(at update: Int) -> [ScheduleValue] {
        guard configuration.model.quantizer.kind == .gumbel else { return [] }
        return [.temperature(temperatures.temperature(at: update))]
    }

    public func warning(after figures: any TrainingFigures, gradientNorm: Double) -> String? {
        (figures as? PredictionFigures).flatMap { collapse.observe($0) }
    }

    public var quantizer: (any Quantizer)? { model.quantizer }

    public func units(of waveform: [Float]) throws -> TokenSequence { try model.quantize(waveform) }

    public func save(to path: String, state: RunState, optimizer: OptimizerState) throws {
        try Checkpoint.write(
            path, model: model, configuration: configuration, state: state, optimizer: optimizer,
            validationUsage: validationUsage, windowUsage: window, followsLinks: false)
    }
}

extension StepOutput {
    fileprivate var namedTensors: [(name: String, tensor: Tensor)] {
        var tensors = [(name: "encoder output z", tensor: z.value)]
        if let quantization {
            tensors.append(("codebook input", quantization.codebookInput.value))
            tensors.append(("quantized frames", quantization.quantized.value))
        }
        return tensors + [
            ("context c", context.value), ("predictions", predictions.value),
            ("prediction scores", scores.value), ("loss", loss.value),
        ]
    }
}

extension CodebookUsage {
    /// Counts of nothing yet; nil without a quantizer.
    init?(_ quantizer: QuantizerConfiguration) {
        guard quantizer.kind != .none else { return nil }
        self.init(groups: quantizer.groups, variables: quantizer.variables)
    }

    /// Adds the counts of the same codewords.
    mutating func add(_ other: CodebookUsage) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// Adds counts that come as floating-point numbers.
    mutating func add(sums: ArraySlice<Double>) {
        for (index, sum) in zip(counts.indices, sums) { counts[index] += Int(sum) }
    }
}

extension Batch {
    /// [B, N].
    var tensor: Tensor { Tensor(waveforms, shape: [batchSize, samples]) }
}
