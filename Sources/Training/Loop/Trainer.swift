import Checkpoints
import Foundation
import Layers
import Speech
import Tensors
import VQWav2Vec

/// Trains a model: reads batches, updates, reports, validates, saves.
///
/// Everything that a result depends on is in the checkpoint, so a run that was stopped and resumed ends in
/// the same bits as one that was not.
public final class Trainer {
    public let configuration: RunConfiguration
    public let model: Model
    public internal(set) var state: RunState
    let data: TrainingData
    let folder: RunFolder
    let parameters: [Parameter]
    let learningRates: LearningRateSchedule
    let temperatures: TemperatureSchedule
    let log: TrainingLog
    var adam: Adam
    /// Codewords chosen since unused ones were last restarted.
    var window: CodebookUsage?
    /// Recordings without sound that were warned of.
    var silentPaths: Set<String> = []
    /// Codewords chosen in the last validation.
    var validationUsage: CodebookUsage?
    /// The update whose state `last.safetensors` has; in a new run, which has none yet, 0.
    private var lastSaved: Int

    /// A new run.
    /// - Parameter weights: a checkpoint whose weights to begin with, its other state left aside.
    /// - Throws: `ConfigurationError`, `CheckpointError`, `TrainingError` or `FileError`.
    public init(
        _ configuration: RunConfiguration, data: TrainingData, folder: RunFolder, weights: Checkpoint? = nil,
        output: LogOutput = .standardError()
    ) throws {
        guard !folder.hasRun else {
            throw TrainingError(
                "\(folder.path) holds a run already: "
                    + (folder.canResume ? "add --resume to go on with it, or choose" : "choose")
                    + " another --output"
            )
        }
        self.configuration = configuration
        self.data = data
        self.folder = folder
        model = try Model(configuration.model, seed: configuration.training.seed)
        try weights?.load(into: model)
        parameters = model.parameters
        adam = Adam(configuration.optimizer, parameters: parameters)
        state = RunState()
        lastSaved = state.update
        state.data = data.fingerprint
        state.initializedFrom = weights?.path
        window = Self.emptyUsage(configuration.model)
        (learningRates, temperatures) = Self.schedules(configuration)
        try folder.prepare(configuration)
        log = try TrainingLog(
            file: URL(fileURLWithPath: folder.log), configuration: configuration, output: output)
    }

    /// Goes on with the run whose last checkpoint this is.
    /// - Parameter configuration: that of the checkpoint, or one that differs in `training` only.
    /// - Throws: as above, `TrainingError` where the data are not those of the run, and `CheckpointError` for a
    ///   checkpoint of fairseq.
    public init(
        resuming checkpoint: Checkpoint, configuration: RunConfiguration, data: TrainingData,
        folder: RunFolder, output: LogOutput = .standardError()
    ) throws {
        try checkpoint.requireRun()
        guard data.fingerprint == checkpoint.state.data else {
            let (before, now) = (checkpoint.state.data, data.fingerprint)
            throw TrainingError(
                "\(checkpoint.path) was trained on \(before.utterances) utterances (\(before.samples) samples), "
                    + "not on these \(now.utterances) (\(now.samples)) with these names in this order: name the "
                    + "same data and validation data, or begin a new run with --init-from")
        }
        self.configuration = configuration
        self.data = data
        self.folder = folder
        model = try Model(uninitialized: configuration.model)
        try checkpoint.load(into: model)
        parameters = model.parameters
        adam = Adam(configuration.optimizer, parameters: parameters)
        try adam.restore(from: checkpoint, parameters: parameters)
        state = checkpoint.state
        lastSaved = state.update
        window = try checkpoint.usage(Checkpoint.Key.windowUsage) ?? Self.emptyUsage(configuration.model)
        validationUsage = try checkpoint.validationUsage()
        (learningRates, temperatures) = Self.schedules(configuration)
        try folder.prepare(configuration)
        log = try TrainingLog(
            file: URL(fileURLWithPath: folder.log), resumingAfter: state.update, configuration: configuration,
            output: output)
    }

    /// Trains until `training.max_updates`, until `stop` is requested, or until `limit` updates are done.
    /// The last checkpoint is saved then, and before a recording that cannot be used ends the run.
    ///
    /// - Parameter limit: the number of updates after which to stop early, counted from the run's start.
    /// - Throws: what reading and writing throw; `TrainingError` at the first number that is not finite.
    public func run(stop: StopSignal = StopSignal(), limit: Int? = nil) throws {
        defer { log.finish() }
        do {
            try train(stop: stop, limit: limit)
        } catch let error as AudioError {
            // The model is that of the last whole update.
            if state.update > lastSaved { try saveLast() }
            throw error
        }
        try saveLast()
    }

    private func train(stop: StopSignal, limit: Int?) throws {
        let loader = try data.loader(from: BatchPosition(state.position))
        let training = configuration.training
        let (begin, end) = (state.update, min(training.maxUpdates, limit ?? training.maxUpdates))
        var meter = SpeedMeter()
        var counter = FigureCounter(configuration.model)
        while state.update < end && !stop.isRequested {
            let update = try update(loader, counter: &counter)
            meter.add(samples: update.samples)
            if isDue(every: training.logEvery) || state.update == end {
                try log.report(progress(update, counter: counter, meter: &meter))
                counter = FigureCounter(configuration.model)
            }
            if isDue(every: training.validateEvery) && state.update < training.maxUpdates { try validate() }
            if isDue(every: training.saveEvery) && state.update < end {
                try save(folder.last)
                lastSaved = state.update
            }
        }
        if state.update == training.maxUpdates && state.update > begin { try validate() }
    }

    private func saveLast() throws {
        try save(folder.last)
        log.note("saved \(folder.last) after update \(state.update)")
    }

    func save(_ path: String) throws {
        try Checkpoint.write(
            path, model: model, configuration: configuration, state: state, moments: adam.moments,
            validationUsage: validationUsage, windowUsage: window)
    }

    private func isDue(every interval: Int) -> Bool {
        interval > 0 && state.update.isMultiple(of: interval)
    }

    private func progress(
        _ update: UpdateReport, counter: FigureCounter, meter: inout SpeedMeter
    ) -> TrainingProgress {
        let left = configuration.training.maxUpdates - state.update
        let clip = configuration.optimizer.clipNorm
        let isGumbel = configuration.model.quantizer.kind == .gumbel
        return TrainingProgress(
            update: state.update, maxUpdates: configuration.training.maxUpdates, epoch: state.position.epoch,
            elapsedSeconds: meter.elapsed, secondsLeft: meter.secondsPerUpdate.map { $0 * Double(left) },
            audioSecondsPerSecond: meter.takeRate() / Double(configuration.data.sampleRate),
            figures: counter.figures, temperature: isGumbel ? update.temperature : nil,
            learningRate: update.learningRate, gradientNorm: update.gradientNorm,
            gradientClipped: clip > 0 && update.gradientNorm > clip)
    }

    private static func schedules(
        _ configuration: RunConfiguration
    ) -> (LearningRateSchedule, TemperatureSchedule) {
        let updates = configuration.training.maxUpdates
        return (
            LearningRateSchedule(configuration.schedule, maxUpdates: updates),
            TemperatureSchedule(configuration.model.quantizer.temperature, maxUpdates: updates)
        )
    }

    private static func emptyUsage(_ model: ModelConfiguration) -> CodebookUsage? {
        model.quantizer.kind == .none
            ? nil : CodebookUsage(groups: model.quantizer.groups, variables: model.quantizer.variables)
    }
}
