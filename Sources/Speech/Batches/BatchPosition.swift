/// A place in the sequence of batches. It is all that must be stored to go on exactly there.
public struct BatchPosition: Sendable, Hashable {
    /// Passes over the data before this one.
    public var epoch: Int
    /// Batches of this epoch before this one.
    public var batch: Int

    public init(epoch: Int = 0, batch: Int = 0) {
        self.epoch = epoch
        self.batch = batch
    }

    /// The beginning of training.
    public static let start = BatchPosition()
}
