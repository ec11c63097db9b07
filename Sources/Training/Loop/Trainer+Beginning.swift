import Checkpoints
import Communication
import Layers
import Speech
import VQWav2Vec

extension Trainer {
    /// A new run of the model that the configuration describes.
    /// - Parameters:
    ///   - weights: a checkpoint whose weights to begin with, its other state left aside.
    ///   - communicator: the processes that train together.
    /// - Throws: `ConfigurationError`, `CheckpointError`, or `TrainingError` where the folder holds a run or the memory
    ///   cannot be enough.
    public convenience init(
        _ configuration: RunConfiguration, data: TrainingData, folder: RunFolder, weights: Checkpoint? = nil,
        output: LogOutput = .standardError(), communicator: any Communicator = SingleProcess()
    ) throws {
        try folder.requireUnused()
        try RunEstimate(configuration, data: data).requireMemory()
        try self.init(
            configuration.trainableModel(weights: weights), origin: weights?.path,
            configuration: configuration, data: data, folder: folder,
            output: output, communicator: communicator)
    }

    /// Goes on with a run.
    /// - Throws: as above, and `TrainingError` where the run cannot go on in this way.
    public convenience init(
        resuming checkpoint: Checkpoint, configuration: RunConfiguration, data: TrainingData,
        folder: RunFolder, output: LogOutput = .standardError(),
        communicator: any Communicator = SingleProcess()
    ) throws {
        try Self.requireResumable(checkpoint, configuration, data: data, folder: folder)
        try RunEstimate(configuration, data: data).requireMemory()
        try self.init(
            checkpoint.trainableModel(configuration), resuming: checkpoint, configuration: configuration,
            data: data, folder: folder,
            output: output, communicator: communicator)
    }

    /// - Throws: `TrainingError` where another process has the folder, the data are others or the end has been passed;
    ///   `CheckpointError` for a checkpoint without a run.
    static func requireResumable(
        _ checkpoint: Checkpoint, _ configuration: RunConfiguration, data: TrainingData, folder: RunFolder
    ) throws {
        try folder.requireFree()
        try checkpoint.requireRun()
        guard data.fingerprint == checkpoint.state.data else {
            throw TrainingError.otherData(
                checkpoint: checkpoint.path, before: checkpoint.state.data, now: data.fingerprint)
        }
        // A run that is cut short to what it has done already would claim a schedule that it did not have.
        let (wanted, done) = (configuration.training.maxUpdates, checkpoint.state.update)
        let isShortened = wanted < checkpoint.configuration.training.maxUpdates
        guard wanted < done || (wanted == done && isShortened) else { return }
        throw TrainingError.endPassed(setting: "training.max_updates = \(wanted)", updates: done)
    }
}

extension Trainer {
    /// Takes what the optimizer has kept from the checkpoint of a run, whose model has the averages of the weights.
    /// - Throws: `CheckpointError` where it has none.
    func restoreOptimizer(_ checkpoint: Checkpoint) throws {
        let kept = OptimizerState(moments: adam.moments, weights: average?.tensors)
        try checkpoint.load(into: kept, of: parameters)
        adam.updates = checkpoint.state.update
        average?.exchange(with: parameters)
    }

    /// Does something with the averages of the weights in the model, where checkpoints have these.
    func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let average else { return try body() }
        return try average.inModel(parameters, body)
    }
}

extension RunConfiguration {
    /// The model with random weights, or those of a checkpoint, whatever the family.
    /// - Throws: as the model's initialiser; `ConfigurationError` for a family that is not trained here.
    fileprivate func trainableModel(weights: Checkpoint?) throws -> any TrainableModel {
        if wav2vec2 != nil { return try Wav2Vec2Training(self, weights: weights) }
        guard isVQWav2Vec else {
            throw ConfigurationError.value(key: "family", problem: "is not trained here")
        }
        return try VQWav2VecTraining(self, weights: weights)
    }
}

extension Checkpoint {
    /// The model as a run has left it, whatever the family.
    /// - Parameter configuration: that of the checkpoint, or one that differs in what no weight depends on.
    /// - Throws: `CheckpointError`.
    package func trainableModel(_ configuration: RunConfiguration) throws -> any TrainableModel {
        configuration.wav2vec2 == nil
            ? try VQWav2VecTraining(resuming: self, configuration: configuration)
            : try Wav2Vec2Training(resuming: self, configuration: configuration)
    }
}
