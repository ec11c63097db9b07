import Files
import Foundation
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as a request to finish what is being done, save and stop. A second signal ends the
/// process.
public final class StopSignal: Sendable {
    /// 0 until a stop is requested, then the signal, or -1 where the request came from the program itself.
    private let cause = Atomic<Int32>(0)
    /// What other processes say; 0 until one has been asked to stop.
    private let agreed = Atomic<Int32>(0)
    private let notice = Mutex<String?>(nil)

    public init() {}

    public var isRequested: Bool { current != 0 }

    /// The signal, or -1, here or in another process; 0 where no stop is requested.
    var current: Int32 {
        let own = cause.load(ordering: .relaxed)
        return own != 0 ? own : agreed.load(ordering: .relaxed)
    }

    /// Takes over the request that another process got.
    func agree(on signal: Int32) { agreed.store(signal, ordering: .relaxed) }

    /// What a shell expects of a program that a signal has stopped, 128 + its number: 130 after SIGINT, 143 after
    /// SIGTERM; nil where there was none.
    public var exitCode: Int32? {
        let signal = current
        return signal > 0 ? 128 + signal : nil
    }

    public func request() { cause.store(-1, ordering: .relaxed) }

    /// What the first signal makes appear on standard error at once: what happens now, and what a second one does.
    public func announce(_ text: String?) { notice.withLock { $0 = text } }

    /// Begins to listen. Once per process.
    /// - Parameter inJob: the process is one of several, which a launcher has started: SIGUSR1 counts too, which
    ///   launchers pass on, and a second signal does nothing: launchers send theirs more than once, and then SIGKILL.
    public func listen(inJob: Bool = false) {
        SignalThread.listen(to: [SIGINT, SIGTERM, SIGHUP] + (inJob ? [SIGUSR1] : [])) { [self] in
            received($0, inJob: inJob)
        }
    }

    private func received(_ number: Int32, inJob: Bool) {
        // Not `exit`: the main thread goes on meanwhile.
        if isRequested && !inJob {
            TemporaryFile.discardAll()
            _exit(128 + number)
        }
        guard cause.load(ordering: .relaxed) == 0 else { return }
        // Where nobody reads any more, the request counts all the same.
        StandardError.stopWaiting()
        if let text = notice.withLock({ $0 }) { StandardError.writeLine(text) }
        cause.store(number, ordering: .relaxed)
    }
}
