import Speech
import VQWav2Vec

extension Trainer {
    /// A new run of vq-wav2vec.
    /// - Parameter weights: a checkpoint whose weights to begin with, its other state left aside.
    /// - Throws: `ConfigurationError`, `CheckpointError`, or `TrainingError` where the folder holds a run or the memory
    ///   cannot be enough.
    public convenience init(
        _ configuration: RunConfiguration, data: TrainingData, folder: RunFolder, weights: Checkpoint? = nil,
        output: LogOutput = .standardError()
    ) throws {
        try folder.requireUnused()
        try RunEstimate(configuration, data: data).requireMemory()
        try self.init(
            VQWav2VecTraining(configuration, weights: weights), origin: weights?.path,
            configuration: configuration, data: data, folder: folder, output: output)
    }

    /// Goes on with a run of vq-wav2vec.
    /// - Throws: as above, and `TrainingError` where the run cannot go on in this way.
    public convenience init(
        resuming checkpoint: Checkpoint, configuration: RunConfiguration, data: TrainingData,
        folder: RunFolder, output: LogOutput = .standardError()
    ) throws {
        try Self.requireResumable(checkpoint, configuration, data: data, folder: folder)
        try RunEstimate(configuration, data: data).requireMemory()
        try self.init(
            VQWav2VecTraining(resuming: checkpoint, configuration: configuration), resuming: checkpoint,
            configuration: configuration, data: data, folder: folder, output: output)
    }

    /// - Throws: `TrainingError` where another process has the folder, the data are others or the end has been passed;
    ///   `CheckpointError` for a checkpoint without a run.
    static func requireResumable(
        _ checkpoint: Checkpoint, _ configuration: RunConfiguration, data: TrainingData, folder: RunFolder
    ) throws {
        try folder.requireFree()
        try checkpoint.requireRun()
        guard data.fingerprint == checkpoint.state.data else {
            let (before, now) = (checkpoint.state.data, data.fingerprint)
            throw TrainingError(
                "\(checkpoint.path) was trained on \(before.utterances) utterances (\(before.samples) samples), "
                    + "not on these \(now.utterances) (\(now.samples)) with these names in this order: name the "
                    + "same data and validation data, or begin a new run with --init-from")
        }
        // A run that is cut short to what it has done already would claim a schedule that it did not have.
        let (wanted, done) = (configuration.training.maxUpdates, checkpoint.state.update)
        let isShortened = wanted < checkpoint.configuration.training.maxUpdates
        guard wanted < done || (wanted == done && isShortened) else { return }
        throw TrainingError(
            "training.max_updates = \(wanted) is not above the \(done) updates that \(checkpoint.path) has done: "
                + "give more, or use that checkpoint as it is")
    }
}
