import COpenBLAS
import CVqw2v
import Foundation
import Tensors

/// The calls that are within the library, counted, for what concerns the whole process of the host.
///
/// **Forks.** A child has the thread that forked alone. Of ours none are left, so its calls begin none
/// (`Parallel.staysOnCallingThread`); and what another thread held when the process was forked stays held without end,
/// so calls are refused where one was at work. The count is right in the child since no fork comes while it changes.
///
/// **OpenBLAS** is kept at one thread by our products. Where the host computes with the same copy of it, as NumPy of
/// Debian does, it gets its number back when no call is at work.
///
/// `@unchecked`: the mutex guards the rest.
final class CallsAtWork: @unchecked Sendable {
    static let shared = CallsAtWork()

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var count = 0
    private var hostThreads: Int32 = 1
    private var isBroken = false

    private init() {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_atfork(
            { CallsAtWork.shared.lock() }, { CallsAtWork.shared.unlock() },
            { CallsAtWork.shared.beginChild() })
    }

    /// Counts a call as long as it is at work.
    /// - Throws: `CallError` in a process that cannot work; what `body` throws.
    func run(_ body: () throws -> Void) throws {
        try begin()
        defer { end() }
        try body()
    }

    private func begin() throws {
        lock()
        defer { unlock() }
        guard !isBroken else {
            throw CallError(
                status: VQW2V_FORKED,
                description:
                    "this process was forked while another thread was within vqw2v: fork before threads use "
                    + "it, or start processes by spawn or forkserver, and open the model in each")
        }
        if count == 0 {
            hostThreads = openblas_get_num_threads()
            if hostThreads != 1 { openblas_set_num_threads(1) }
        }
        count += 1
    }

    private func end() {
        lock()
        defer { unlock() }
        count -= 1
        if count == 0, hostThreads != 1 { openblas_set_num_threads(hostThreads) }
    }

    private func lock() { pthread_mutex_lock(mutex) }

    private func unlock() { pthread_mutex_unlock(mutex) }

    private func beginChild() {
        Parallel.staysOnCallingThread = true
        isBroken = isBroken || count > 0
        unlock()
    }
}
