/// Where a run stands, beside weights and optimizer: what a checkpoint needs so that going on gives the
/// same numbers as never having stopped.
public struct RunState: Codable, Equatable, Sendable {
    /// Updates done.
    public var update = 0
    /// The batch that comes next.
    public var position = Position()
    /// Lowest validation loss so far, in bits per positive.
    public var bestLoss: Double?
    /// True where a validation after these updates is still to be made; nil otherwise.
    public var validationDue: Bool?
    /// What the run learns from.
    public var data = DataFingerprint()
    /// The checkpoint whose weights the run began with, as it was named; nil where they were random.
    public var initializedFrom: String?

    public init() {}

    /// A place in the sequence of batches.
    public struct Position: Codable, Equatable, Sendable {
        /// Passes over the data before this one.
        public var epoch: Int
        /// Batches of this epoch before this one.
        public var batch: Int

        public init(epoch: Int = 0, batch: Int = 0) {
            (self.epoch, self.batch) = (epoch, batch)
        }
    }
}

/// Enough about the training data to notice that a run is resumed with other data.
public struct DataFingerprint: Codable, Equatable, Sendable {
    public var utterances = 0
    public var samples = 0
    public var sampleRate = 0
    /// Of the file names, lengths and order of the recordings, those for validation too: random numbers are
    /// keyed by the place in that order.
    public var digest: String?

    public init() {}

    public var hours: Double { sampleRate == 0 ? 0 : Double(samples) / Double(sampleRate) / 3600 }
}
