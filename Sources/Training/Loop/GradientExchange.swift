import Autodiff
import Communication
import Dispatch
import Synchronization
import Tensors

/// Exchanges gradients with the other processes, bucket after bucket, as soon as their parameters are complete.
///
/// The order of the buckets is that of the parameters from the last to the first, the same everywhere, which is about the
/// order in which a backward pass completes them. They are exchanged on a thread of their own: until `finish` has
/// returned, no one else may use the communicator.
final class GradientExchange {
    private let variables: [Variable]
    private let leaves: Int
    private let communicator: SharedCommunicator
    private let places: [ObjectIdentifier: Int]
    /// Parameters of each bucket.
    private let buckets: [[Int]]
    private var next = 0
    /// What this process gives of a parameter that is complete.
    private var complete: [[Tensor?]?]
    private let queue = DispatchQueue(label: "gradients", qos: .userInitiated)
    private let done: Results

    /// What the queue's thread has come to.
    private final class Results: Sendable {
        struct State {
            var sums: [Tensor?]
            var failure: (any Error)?
            var busy = Duration.zero
        }

        let state: Mutex<State>

        init(count: Int) { state = Mutex(State(sums: Array(repeating: nil, count: count))) }
    }

    /// `@unchecked`: the queue's thread alone uses it until the queue is empty.
    private struct SharedCommunicator: @unchecked Sendable { let communicator: any Communicator }

    /// - Parameters:
    ///   - leaves: of the tree, of all processes.
    ///   - bucket: values of a bucket, unless a single parameter has more.
    init(_ variables: [Variable], leaves: Int, communicator: any Communicator, bucket: Int = 1 << 20) {
        self.variables = variables
        self.leaves = leaves
        self.communicator = SharedCommunicator(communicator: communicator)
        places = Dictionary(
            variables.enumerated().map { (ObjectIdentifier($1), $0) }, uniquingKeysWith: { first, _ in first }
        )
        var (buckets, room) = ([[Int]](), 0)
        for place in variables.indices.reversed() {
            let count = variables[place].value.count
            if count > room || buckets.isEmpty { (buckets, room) = (buckets + [[]], bucket) }
            buckets[buckets.count - 1].append(place)
            room -= count
        }
        self.buckets = buckets
        complete = variables.map { _ in nil }
        done = Results(count: variables.count)
    }

    func place(of variable: Variable) -> Int? { places[ObjectIdentifier(variable)] }

    /// Takes what this process has of a parameter, unless that was taken before.
    /// - Parameter blocks: of the tree, nil for those without a gradient.
    func complete(_ place: Int, _ blocks: () -> [Tensor?]) {
        guard complete[place] == nil else { return }
        complete[place] = blocks()
        while next < buckets.count, buckets[next].allSatisfy({ complete[$0] != nil }) {
            send(buckets[next])
            next += 1
        }
    }

    private func send(_ bucket: [Int]) {
        let parts = bucket.map { (place: $0, blocks: complete[$0] ?? [], shape: variables[$0].shape) }
        for place in bucket { complete[place] = [] }
        queue.async { [done, communicator, leaves] in
            guard done.state.withLock({ $0.failure == nil }) else { return }
            let start = ContinuousClock.now
            let result = Result {
                try Self.sum(
                    parts.map { (blocks: $0.blocks, shape: $0.shape) }, leaves: leaves,
                    communicator.communicator)
            }
            done.state.withLock { done in
                done.busy += ContinuousClock.now - start
                switch result {
                case .success(let sums): for (part, sum) in zip(parts, sums) { done.sums[part.place] = sum }
                case .failure(let error): done.failure = error
                }
            }
        }
    }

    /// Waits until all buckets are exchanged.
    /// - Throws: `CommunicationError`.
    func finish() throws -> ExchangeTimes {
        let start = ContinuousClock.now
        queue.sync {}
        return try done.state.withLock { done in
            if let failure = done.failure { throw failure }
            return ExchangeTimes(
                seconds: done.busy / .seconds(1), waited: (ContinuousClock.now - start) / .seconds(1))
        }
    }

    /// Of each parameter.
    var sums: [Tensor?] { done.state.withLock { $0.sums } }

    /// The sums of the gradients of some parameters.
    private static func sum(
        _ parts: [(blocks: [Tensor?], shape: [Int])], leaves: Int, _ communicator: any Communicator
    ) throws -> [Tensor] {
        let sums = parts.map { Tensor(uninitialized: $0.shape) }
        var starts = [0]
        for sum in sums { starts.append(starts[starts.count - 1] + sum.count) }
        try communicator.sum(
            leaves: leaves, count: starts[starts.count - 1],
            read: { block, range, target in
                forEachPart(of: range, starts) { part, within, offset in
                    let blocks = parts[part].blocks
                    if let gradient = block < blocks.count ? blocks[block] : nil {
                        (target + offset).update(
                            from: gradient.pointer + within.lowerBound, count: within.count)
                    } else {
                        // x + −0 is x for every x.
                        (target + offset).update(repeating: -0.0, count: within.count)
                    }
                }
            },
            write: { range, source in
                forEachPart(of: range, starts) { part, within, offset in
                    (sums[part].pointer + within.lowerBound).update(
                        from: source + offset, count: within.count)
                }
            })
        return sums
    }

    /// Calls `body` for each part that a range touches.
    /// - Parameters:
    ///   - starts: where the parts begin, and the end of the last.
    ///   - body: takes the part, the range within it, and where that begins in the whole range.
    private static func forEachPart(
        of range: Range<Int>, _ starts: [Int],
        _ body: (_ part: Int, _ within: Range<Int>, _ offset: Int) -> Void
    ) {
        for part in 0..<starts.count - 1
        where starts[part] < range.upperBound && starts[part + 1] > range.lowerBound {
            let common = range.clamped(to: starts[part]..<starts[part + 1])
            body(
                part, common.lowerBound - starts[part]..<common.upperBound - starts[part],
                common.lowerBound - range.lowerBound)
        }
    }
}

/// How long the exchange of an update's gradients took.
struct ExchangeTimes {
    /// That something was exchanged, the others waited for included.
    var seconds: Double
    /// Of these, that came after the backward pass; the rest was hidden behind it.
    var waited: Double
}
