import Synchronization

/// Reads the batches of a plan, a few ahead of their use, on a background thread. What is delivered does not
/// depend on timing.
public final class BatchLoader: Sendable {
    private struct State {
        /// The next batch to begin with.
        var ahead: BatchPosition
        /// The batches of epoch `ahead.epoch`.
        var planned: [PlannedBatch]
        /// Batches begun with of those that are delivered in a row.
        var taken = 0
        /// Begun and not delivered, in order.
        var jobs: [BatchReader.Job] = []
    }

    private let plan: BatchPlan
    private let reader: BatchReader
    private let prefetch: Int
    private let firstEpoch: Int
    private let epochs: Int
    private let taking: Int
    private let period: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - store: decodes the recordings; loaders can share it.
    ///   - start: the first batch to deliver. Starting at a loader's `position` goes on where that one was.
    ///   - epochs: deliver this many epochs, the one of `start` included; nil means without end.
    ///   - taking: of every `period` batches only so many, the first: the share of one of several processes.
    ///   - skippingUnusable: pass over recordings that cannot be used: a batch says which, and may be empty.
    ///   - prefetch: how many batches are read ahead while one is used.
    /// - Throws: `DataError` if the plan has no batch `start`.
    public init(
        _ plan: BatchPlan, store: WaveformStore, from start: BatchPosition = .start, epochs: Int? = nil,
        taking: Int = 1, of period: Int = 1, skippingUnusable: Bool = false, prefetch: Int = 2
    ) throws {
        guard plan.has(start) else {
            throw DataError.unsuitable(
                "cannot go on at batch \(start.batch) of epoch \(start.epoch): an epoch of this data has "
                    + "\(plan.batchesPerEpoch) batches, it is not the data that training began with")
        }
        precondition(taking > 0 && taking <= period, "\(taking) of \(period) batches")
        (self.taking, self.period) = (taking, period)
        self.plan = plan
        reader = BatchReader(store, skippingUnusable: skippingUnusable)
        self.prefetch = max(prefetch, 0)
        firstEpoch = start.epoch
        self.epochs = epochs ?? .max
        state = Mutex(State(ahead: start, planned: plan.batches(epoch: start.epoch)))
    }

    deinit { reader.end() }

    /// The batch that `next()` will deliver.
    public var position: BatchPosition {
        state.withLock { $0.jobs.first?.planned.position ?? $0.ahead }
    }

    /// Waits for the next batch; nil after the last epoch.
    ///
    /// - Throws: `AudioError` for a recording that cannot be used. The position stays, so that asking again
    ///   throws again.
    public func next() throws -> Batch? {
        let job: BatchReader.Job? = state.withLock { state in
            begin(&state)
            return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
        }
        guard let job, let result = job.wait() else { return nil }
        do {
            return try result.get()
        } catch {
            state.withLock { $0.jobs.insert(job, at: 0) }
            throw error
        }
    }

    /// Begins with the next batch and `prefetch` more.
    private func begin(_ state: inout State) {
        while state.jobs.count <= prefetch {
            guard state.ahead.epoch - firstEpoch < epochs else { return }
            state.jobs.append(reader.begin(state.planned[state.ahead.batch]))
            state.taken += 1
            var steps = 1
            if state.taken == taking { (state.taken, steps) = (0, 1 + period - taking) }
            let next = plan.position(after: state.ahead, count: steps)
            if next.epoch != state.ahead.epoch { state.planned = plan.batches(epoch: next.epoch) }
            state.ahead = next
        }
    }
}
