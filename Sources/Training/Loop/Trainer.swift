import Checkpoints
import Communication
import Foundation
import Layers
import Speech
import Tensors
import VQWav2Vec

/// Trains a model: reads batches, updates, reports, validates, saves.
///
/// Everything that a result depends on is in the checkpoint, so a run that was stopped and resumed ends in
/// the same bits as one that was not. Several processes that train together, each with a trainer of its own, end in
/// the bits of one: they divide the batches of each update, and the first of them alone writes.
public final class Trainer {
    public let configuration: RunConfiguration
    public let model: any TrainableModel
    public internal(set) var state: RunState
    let data: TrainingData
    let folder: RunFolder
    let communicator: any Communicator
    let parameters: [Parameter]
    let learningRates: LearningRateSchedule
    let log: TrainingLog
    var adam: Adam
    /// What validation and checkpoints have in place of the weights; nil where they have these.
    let average: WeightAverage?
    /// Recordings without sound that were warned of.
    var silentPaths: Set<String> = []
    /// Whether the sound of the clips that are shown after each validation is in the events.
    var hasShownClips = false
    /// Recordings that could not be used, in the order of their discovery, where such are passed over.
    public internal(set) var unusablePaths: [String] = []
    /// What `last.safetensors` holds, with this configuration; nil where there is none.
    private var saved: RunState?
    private var saveTime = ContinuousClock.now
    /// The checkpoint that the run goes on from; nil for a new run until it has begun.
    private var source: String?

    /// A new run. Nothing is written before `run`.
    /// - Parameters:
    ///   - model: with the weights to begin with.
    ///   - origin: the checkpoint that these are of; nil where they are random.
    ///   - communicator: the processes that train together.
    /// - Throws: `TrainingError` where the folder holds a run.
    public init(
        _ model: any TrainableModel, origin: String? = nil, configuration: RunConfiguration,
        data: TrainingData, folder: RunFolder, output: LogOutput = .standardError(),
        communicator: any Communicator = SingleProcess()
    ) throws {
        try folder.requireUnused()
        self.configuration = configuration
        self.data = data
        self.folder = folder
        self.communicator = communicator
        self.model = model
        parameters = model.parts.flatMap(\.parameters)
        adam = Adam(configuration.optimizer, parameters: parameters)
        average = WeightAverage(configuration.optimizer, parameters: parameters)
        state = RunState()
        state.data = data.fingerprint
        state.initializedFrom = origin
        learningRates = LearningRateSchedule(
            configuration.schedule, maxUpdates: configuration.training.maxUpdates)
        log = TrainingLog(output: communicator.isFirst ? output : .silent)
    }

    /// Goes on with the run of which this is the last checkpoint. Nothing is written before `run`.
    /// - Parameters:
    ///   - model: as the checkpoint has it.
    ///   - configuration: that of the checkpoint, or one that differs in `training` only.
    /// - Throws: `TrainingError` where the data are not those of the run or the run has done more updates than it is
    ///   to have; `CheckpointError` for a checkpoint without a run.
    public init(
        _ model: any TrainableModel, resuming checkpoint: Checkpoint, configuration: RunConfiguration,
        data: TrainingData, folder: RunFolder, output: LogOutput = .standardError(),
        communicator: any Communicator = SingleProcess()
    ) throws {
        try Self.requireResumable(checkpoint, configuration, data: data, folder: folder)
        self.configuration = configuration
        self.data = data
        self.folder = folder
        self.communicator = communicator
        self.model = model
        parameters = model.parts.flatMap(\.parameters)
        adam = Adam(configuration.optimizer, parameters: parameters)
        average = WeightAverage(configuration.optimizer, parameters: parameters)
        state = checkpoint.state
        source = checkpoint.path
        if source == folder.last, configuration == checkpoint.configuration { saved = state }
        learningRates = LearningRateSchedule(
            configuration.schedule, maxUpdates: configuration.training.maxUpdates)
        log = TrainingLog(output: communicator.isFirst ? output : .silent)
        try restoreOptimizer(checkpoint)
    }

    /// How a call of `run` ended.
    public enum Outcome: Sendable {
        /// All updates of the configuration are done.
        case finished
        /// The limit is reached.
        case limitReached
        /// A stop was requested before either.
        case stopped
    }

    /// Trains until `training.max_updates`, until `stop` is requested, or until `limit` updates are done.
    /// The last checkpoint is saved then, and before a recording that cannot be used ends the run.
    ///
    /// The folder is made, and locked, here; until the end no other process can train in it.
    ///
    /// - Parameter limit: the number of updates after which to stop early, counted from the run's start.
    /// - Throws: what reading and writing throw; `TrainingError` at the first number that is not finite, for a
    ///   limit that has been passed, and for a folder that is another's.
    @discardableResult
    public func run(stop: StopSignal = StopSignal(), limit: Int? = nil) throws -> Outcome {
        try requireAlike(limit: limit)
        let end = min(configuration.training.maxUpdates, limit ?? .max)
        if source == folder.last, state.update == end, state.validationDue != true {
            let more = end == limit ? "" : "; training.max_updates = \(end) is the end of this run"
            log.note("\(folder.last) has done all \(end) updates already: nothing to do\(more)")
            return outcome(stop)
        }
        let lock = try communicator.together { communicator.isFirst ? try begin() : nil }
        defer { lock?.release(keeping: !folder.hasRun) }
        source = folder.last
        defer { log.finish() }
        do {
            try train(stop: stop, upTo: end)
        } catch let error where Self.leavesModel(error) {
            if state.update > 0, saved != state || state.validationDue == true { try saveLast() }
            throw error
        }
        try saveLast()
        return outcome(stop)
    }

    /// Takes the folder and opens the log.
    private func begin() throws -> RunLock {
        let lock = try folder.occupy(
            configuration, recordings: data.manifest, resuming: source != nil)
        do {
            if let source, try Checkpoint(path: source).state != state {
                throw TrainingError.changedMeanwhile(source)
            }
            try log.open(
                folder.log, resumingAfter: source == nil ? nil : state.update,
                repeatsValidation: state.validationDue == true, events: folder.path)
            try log.report(
                RunEnvironment(
                    update: state.update, processes: communicator.size,
                    precision: configuration.training.precision))
        } catch {
            lock.release(keeping: !folder.hasRun)
            throw error
        }
        return lock
    }

    /// Whether the model is that of the last whole update after an error, so that it can be saved.
    private static func leavesModel(_ error: any Error) -> Bool {
        isOfRecording(error) || (error as? ProcessFailure)?.isOfRecording == true
    }

    private func outcome(_ stop: StopSignal) -> Outcome {
        let isDone = state.update == configuration.training.maxUpdates && state.validationDue != true
        return isDone ? .finished : stop.isRequested ? .stopped : .limitReached
    }

    private func train(stop: StopSignal, upTo end: Int) throws {
        let training = configuration.training
        let batches = try communicator.together {
            try UpdateBatches(
                data, from: BatchPosition(state.position), count: training.accumulateBatches,
                communicator: communicator)
        }
        var meter = SpeedMeter()
        var counter = model.emptyCounter()
        saveTime = .now
        if state.validationDue == true { try withAverages { try validate(stop) } }
        // A run that was killed had perhaps still to do so after its last update.
        if state.update > 0 { try saveIfDue(upTo: end) }
        while try state.update < end && !isStopRequested(stop) {
            announce("finishing update \(state.update + 1)", by: stop)
            let update = try update(batches, counter: &counter)
            meter.add(samples: update.samples)
            if isDue(every: training.logEvery) || state.update == end {
                let line = progress(update, counter: counter, meter: &meter)
                let warning = model.warning(after: line.figures, gradientNorm: line.gradientNorm)
                try communicator.together {
                    try log.report(line)
                    if let warning { try log.warn(warning, update: state.update) }
                }
                counter = model.emptyCounter()
            }
            if data.validation != nil,
                isDue(every: training.validateEvery) || state.update == training.maxUpdates
            {
                // Before the validation, which may fail or be interrupted: it is made again then.
                state.validationDue = true
                try save(folder.last)
                try withAverages { try validate(stop) }
            }
            try saveIfDue(upTo: end)
        }
        announce("saving", by: stop)
    }

    /// Saves the state where it is time for that, and keeps the file.
    private func saveIfDue(upTo end: Int) throws {
        let isDue = isDue(every: configuration.training.saveEvery) && state.update < end
        if try isDue || isSaveTime(), saved != state { try save(folder.last) }
        let kept = configuration.training.keepCheckpoints
        guard isDue, kept > 0 else { return }
        try communicator.together {
            if communicator.isFirst { try folder.keep(state.update, atMost: kept) }
        }
    }

    var whatIsLost: String {
        saved.map { "losing what came after update \($0.update)" }
            ?? "losing everything: nothing is saved yet"
    }

    /// As the clock of the first process has it.
    private func isSaveTime() throws -> Bool {
        let minutes = configuration.training.saveEveryMinutes
        guard minutes > 0 else { return false }
        return try communicator.collect { ContinuousClock.now - saveTime >= .seconds(60 * minutes) }[0]
    }

    /// Saves what is not saved yet, and says so.
    private func saveLast() throws {
        if saved != state { try save(folder.last) }
        log.note("saved \(folder.last) after update \(state.update)")
    }

    func save(_ path: String) throws {
        try withAverages {
            try requireSameWeights()
            let optimizer = OptimizerState(moments: adam.moments, weights: average?.tensors)
            try communicator.together {
                if communicator.isFirst { try model.save(to: path, state: state, optimizer: optimizer) }
            }
        }
        guard path == folder.last else { return }
        (saved, saveTime) = (state, .now)
    }

    private func isDue(every interval: Int) -> Bool {
        interval > 0 && state.update.isMultiple(of: interval)
    }
}
