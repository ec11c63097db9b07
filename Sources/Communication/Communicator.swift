/// Waits for the end of what was begun. Until then its buffers stay where they are, and no one else uses them; other calls
/// may be made meanwhile.
public typealias PendingExchange = () throws -> Void

/// The processes that work together: who this one is, and how they exchange what they have computed.
///
/// Every process makes the same calls in the same order, one after the other, whatever thread they come from. Each call
/// waits for the others, and throws `CommunicationError` where one does not come in time: a run cannot go on after that.
public protocol Communicator: AnyObject {
    /// Which process this is, from 0. The one of rank 0 writes files and speaks to people.
    var rank: Int { get }
    /// How many there are.
    var size: Int { get }

    /// How long a call waits for the slowest process.
    var deadline: Duration { get set }

    /// Sends bytes to all and receives theirs: one array for each process, in the order of ranks, everywhere the same.
    func gather(_ bytes: [UInt8]) throws -> [[UInt8]]

    /// Begins to send each process a part of its own: `sent` holds them in the order of ranks, and so does `received`.
    /// - Parameters:
    ///   - sentCounts: values for each process.
    ///   - receivedCounts: values from each process.
    func beginExchange(
        _ sent: UnsafeBufferPointer<Float>, sentCounts: [Int],
        into received: UnsafeMutableBufferPointer<Float>,
        receivedCounts: [Int]
    ) throws -> PendingExchange

    /// Begins to complete values of which each process has one part, in the order of ranks.
    /// - Parameter counts: values of each process's part; their sum is the length of `values`.
    func beginCompletion(
        of values: UnsafeMutableBufferPointer<Float>, counts: [Int]
    ) throws -> PendingExchange

    /// Replaces values everywhere by those of one process.
    func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) throws

    /// Ends all processes of the job at once, this one included, with an exit code: after an error that the others
    /// cannot know of. Returns where there are no others.
    func abort(code: Int32)

    /// Leaves the others, at the end of the program: all come here.
    func end()
}

extension Communicator {
    /// Whether this process writes files and speaks to people.
    public var isFirst: Bool { rank == 0 }

    /// Waits until all processes have come here.
    /// - Throws: `CommunicationError` where one does not come in time.
    public func barrier() throws { _ = try gather([]) }

    /// Tells all what the first process has.
    /// - Parameter value: made by the first alone; it makes no call of the communicator.
    /// - Throws: as `collect`.
    public func tellAll<Value: Codable>(_ value: () throws -> Value) throws -> Value {
        guard size > 1 else { return try value() }
        return try collect { isFirst ? [try value()] : [] }[0][0]
    }

    /// This process's part of `count` things that are divided in order, as evenly as can be.
    public func share(of count: Int) -> Range<Int> { share(of: count, rank: rank) }

    /// The part of another.
    public func share(of count: Int, rank: Int) -> Range<Int> {
        count * rank / size..<count * (rank + 1) / size
    }
}

/// The only process.
public final class SingleProcess: Communicator {
    public init() {}

    public var rank: Int { 0 }
    public var size: Int { 1 }
    public var deadline = Duration.zero
    public func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
    public func beginExchange(
        _ sent: UnsafeBufferPointer<Float>, sentCounts: [Int],
        into received: UnsafeMutableBufferPointer<Float>,
        receivedCounts: [Int]
    ) -> PendingExchange {
        _ = received.update(fromContentsOf: sent)
        return {}
    }
    public func beginCompletion(
        of values: UnsafeMutableBufferPointer<Float>, counts: [Int]
    ) -> PendingExchange { {} }
    public func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) {}
    public func abort(code: Int32) {}
    public func end() {}
}
