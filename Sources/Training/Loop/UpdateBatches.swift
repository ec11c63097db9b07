import Communication
import Speech

/// The batches of one update after another, of which this process reads its share.
final class UpdateBatches {
    private let data: TrainingData
    private let count: Int
    private let communicator: any Communicator
    private var loader: BatchLoader
    /// Where the update begins that is made.
    private(set) var position: BatchPosition

    /// Which batches of each update are this process's own.
    let own: Range<Int>

    /// - Parameter count: batches of an update, of all processes.
    /// - Throws: `DataError` where the data have no such position.
    init(
        _ data: TrainingData, from position: BatchPosition, count: Int, communicator: any Communicator
    ) throws {
        (self.data, self.position, self.count) = (data, position, count)
        self.communicator = communicator
        own = communicator.share(of: count)
        loader = try Self.loader(data, position, own, of: count)
    }

    private static func loader(
        _ data: TrainingData, _ position: BatchPosition, _ own: Range<Int>, of count: Int
    ) throws -> BatchLoader {
        let first = data.training.position(after: position, count: own.lowerBound)
        return try data.loader(from: first, taking: own.count, of: count)
    }

    /// The next batch of this process. It may be empty where recordings cannot be used.
    func next() throws -> Batch? { try loader.next() }

    /// Goes to the next update.
    func complete() {
        // One process may have passed over empty batches.
        position =
            communicator.size == 1 ? loader.position : data.training.position(after: position, count: count)
    }

    /// All batches from the beginning of the update on, and not only this process's own.
    /// - Throws: `DataError`.
    func all() throws -> BatchLoader { try data.loader(from: position, prefetch: 0) }

    /// Goes to the next update, which begins at a place that `all` has told.
    /// - Throws: `DataError`.
    func complete(at position: BatchPosition) throws {
        self.position = position
        loader = try Self.loader(data, position, own, of: count)
    }
}
