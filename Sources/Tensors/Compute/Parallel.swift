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

    /// Threads used by all operations. At first: the cores that the system offers.
    public static var threads: Int {
        get {
            let count = threadCount.load(ordering: .relaxed)
            return count > 0 ? count : ProcessInfo.processInfo.activeProcessorCount
        }
        set { threadCount.store(max(1, newValue), ordering: .relaxed) }
    }

    /// Calls `body` with 0..<count, on up to `threads` threads, and returns when all calls have. Within a
    /// call, further ones stay on its thread.
    ///
    /// The calls must not write the same memory.
    public static func forEach(_ count: Int, _ body: (Int) -> Void) {
        let workers = isWorker ? 1 : min(threads, count)
        guard workers > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        withoutActuallyEscaping(body) { body in
            let job = Job(count: count, body: body)
            DispatchQueue.concurrentPerform(iterations: workers) { _ in job.run() }
        }
    }

    /// The same for calls that can fail: no more are begun then, and the error of one that failed is thrown.
    package static func tryForEach(_ count: Int, _ body: (Int) throws -> Void) throws {
        let failure = Mutex<(any Error)?>(nil)
        forEach(count) { index in
            guard failure.withLock({ $0 == nil }) else { return }
            do { try body(index) } catch { failure.withLock { $0 = $0 ?? error } }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Cuts 0..<rows into tiles of about `target` rows and calls `body` with each range of rows.
    public static func forEachTile(
        rows: Int, target: Int = 256, _ body: (_ tile: Int, _ rows: Range<Int>) -> Void
    ) {
        let tiles = Tiling(rows: rows, target: target)
        forEach(tiles.count) { body($0, tiles[$0]) }
    }

    /// Whether this thread is at work on a call of `forEach`: the cores are busy then.
    private static var isWorker: Bool {
        get { pthread_getspecific(workerKey) != nil }
        set { pthread_setspecific(workerKey, newValue ? UnsafeRawPointer(bitPattern: 1) : nil) }
    }

    private static let workerKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Handed to all threads; each takes the next index until none is left.
    private final class Job: @unchecked Sendable {
        private let next = Atomic<Int>(0)
        private let count: Int
        private let body: (Int) -> Void

        init(count: Int, body: @escaping (Int) -> Void) {
            self.count = count
            self.body = body
        }

        func run() {
            isWorker = true
            defer { isWorker = false }
            while true {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }
}

/// 0..<rows in equal tiles of about `target` rows.
struct Tiling {
    let rows: Int
    let count: Int
    let size: Int

    init(rows: Int, target: Int) {
        self.rows = rows
        let wanted = max(1, (rows + target / 2) / target)
        size = max(1, (rows + wanted - 1) / wanted)
        count = (rows + size - 1) / size
    }

    /// Tiles of exactly `size` rows, but for the last.
    init(rows: Int, size: Int) {
        (self.rows, self.size) = (rows, size)
        count = (rows + size - 1) / size
    }

    subscript(tile: Int) -> Range<Int> {
        tile * size..<min(rows, (tile + 1) * size)
    }
}
