import CProcess
import Dispatch
import Foundation
import Synchronization

/// The one place where work is divided among threads.
///
/// Work is cut into tiles whose size depends on the problem and never on the number of threads, and every
/// tile writes memory of its own, so results are the same bits for any number of threads. OpenBLAS itself
/// is kept at one thread: two pools would fight for the cores.
public enum Parallel {
    private static let threadCount = Atomic<Int>(0)

    /// Threads used by all operations. At first: the cores that the process may run on.
    public static var threads: Int {
        get {
            let count = threadCount.load(ordering: .relaxed)
            return count > 0 ? count : usableCores
        }
        set { threadCount.store(max(1, newValue), ordering: .relaxed) }
    }

    private static let isAlone = Atomic<Bool>(false)

    /// Whether no thread is begun, whatever `threads` says: after a fork there are none, and Dispatch, which does not
    /// know, would wait for them without end.
    package static var staysOnCallingThread: Bool {
        get { isAlone.load(ordering: .relaxed) }
        set { isAlone.store(newValue, ordering: .relaxed) }
    }

    private static let usableCores = countUsableCores()

    /// What the system grants the calling thread (`taskset`, a container's cpuset), which Foundation does not ask for.
    package static func countUsableCores() -> Int {
        let count = Int(vq_usable_cores())
        return count > 0 ? count : ProcessInfo.processInfo.activeProcessorCount
    }

    /// Calls `body` with 0..<count, on up to `threads` threads, and returns when all calls have. Within a
    /// call, further ones stay on its thread.
    ///
    /// The calls must not write the same memory: see `SharedPointer`, and `map`.
    public static func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
        precondition(count >= 0, "\(count) calls")
        guard count > 1, currentJob == nil, !staysOnCallingThread else {
            for index in 0..<count { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            Job(count: count, threads: min(threads, count), body: body).run()
        }
    }

    /// The same for calls that can fail: no more are begun then, and the error of one that failed is thrown.
    package static func tryForEach(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
        let failure = Mutex<(any Error)?>(nil)
        forEach(count) { index in
            guard failure.withLock({ $0 == nil }) else { return }
            do { try body(index) } catch { failure.withLock { $0 = $0 ?? error } }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Waits, as for a disk. Within a call of `forEach` another thread makes calls meanwhile, so that as many
    /// threads as before compute.
    package static func whileWaiting<Result>(_ wait: () throws -> Result) rethrows -> Result {
        guard let job = currentJob else { return try wait() }
        return try job.whileWaiting(wait)
    }

    /// Cuts 0..<rows into tiles of about `target` rows and calls `body` with each range of rows.
    public static func forEachTile(
        rows: Int, target: Int = 256, _ body: @Sendable (_ tile: Int, _ rows: Range<Int>) -> Void
    ) {
        precondition(rows >= 0 && target > 0, "\(rows) rows in tiles of \(target)")
        let tiles = Tiling(rows: rows, target: target)
        forEach(tiles.count) { body($0, tiles[$0]) }
    }

    /// What this thread is at work on in a call of `forEach`: the cores are busy then.
    private static var currentJob: Job? {
        get {
            pthread_getspecific(jobKey).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
        }
        set { pthread_setspecific(jobKey, newValue.map { Unmanaged.passUnretained($0).toOpaque() }) }
    }

    private static let jobKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Handed to all threads; each takes the next index until none is left.
    private final class Job: Sendable {
        private let next = Atomic<Int>(0)
        private let count: Int
        private let body: @Sendable (Int) -> Void
        private let threads: Int
        /// One for each thread that may compute.
        private let permits: DispatchSemaphore
        /// Threads that compute while others wait.
        private let standIns = DispatchGroup()
        private let wantedStandIns = Atomic<Int>(0)
        /// Each has a tile in memory, and a few are enough to keep a disk busy.
        private static let mostStandIns = 8

        init(count: Int, threads: Int, body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.threads = threads
            self.body = body
            permits = DispatchSemaphore(value: threads)
        }

        func run() {
            if threads == 1 {
                work()
            } else {
                DispatchQueue.concurrentPerform(iterations: threads) { _ in work() }
            }
            standIns.wait()
        }

        private func work() {
            permits.wait()
            currentJob = self
            defer {
                currentJob = nil
                permits.signal()
            }
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }

        func whileWaiting<Result>(_ wait: () throws -> Result) rethrows -> Result {
            let others = wantedStandIns.wrappingAdd(1, ordering: .relaxed).oldValue
            if others < min(threads, Self.mostStandIns) {
                // A queue of its own has a thread of its own, whatever the number of cores.
                DispatchQueue(label: "stand-in").async(group: standIns) { self.work() }
            }
            permits.signal()
            defer { permits.wait() }
            return try wait()
        }
    }
}
