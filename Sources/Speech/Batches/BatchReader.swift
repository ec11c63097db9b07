import Dispatch
import Synchronization

/// Reads batches one after the other, on one thread until `end()`: a thread that is handed its blocks one by one keeps
/// memory for each of the first thousand.
final class BatchReader: Sendable {
    /// One batch that is to be read.
    final class Job: Sendable {
        let planned: PlannedBatch
        private let result = Mutex<Result<Batch, any Error>?>(nil)
        private let finished = DispatchSemaphore(value: 0)

        init(_ planned: PlannedBatch) { self.planned = planned }

        func wait() -> Result<Batch, any Error>? {
            finished.wait()
            finished.signal()
            return result.withLock { $0 }
        }

        fileprivate func finish(_ batch: Result<Batch, any Error>) {
            result.withLock { $0 = batch }
            finished.signal()
        }
    }

    private struct State {
        /// Asked for and not begun, in order.
        var jobs: [Job] = []
        var hasEnded = false
    }

    private let store: WaveformStore
    private let skippingUnusable: Bool
    private let state = Mutex(State())
    /// Signalled for each job and for the end.
    private let wanted = DispatchSemaphore(value: 0)

    init(_ store: WaveformStore, skippingUnusable: Bool) {
        (self.store, self.skippingUnusable) = (store, skippingUnusable)
        DispatchQueue(label: "BatchReader").async { [self] in read() }
    }

    /// Reads a batch after those that are asked for already.
    func begin(_ planned: PlannedBatch) -> Job {
        let job = Job(planned)
        state.withLock { $0.jobs.append(job) }
        wanted.signal()
        return job
    }

    /// Lets the thread go after the batch that it is at; nobody may wait for others.
    func end() {
        state.withLock { $0.hasEnded = true }
        wanted.signal()
    }

    private func read() {
        while true {
            wanted.wait()
            let job = state.withLock { $0.hasEnded ? nil : $0.jobs.removeFirst() }
            guard let job else { return }
            job.finish(
                Result { try Batch(reading: job.planned, from: store, skippingUnusable: skippingUnusable) })
        }
    }
}
