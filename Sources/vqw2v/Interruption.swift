import Dispatch
import Files
import Foundation
import Synchronization

/// Ends a command on SIGINT, SIGTERM and SIGHUP, at once and whatever it is doing: decoding and computing have nothing
/// that would have to be saved. What is being written goes out whole first, and what has been begun is removed.
///
/// The exit code is what a shell expects, 128 and the signal's number: 130 after SIGINT.
final class Interruption: Sendable {
    /// How long a line that is being written is waited for: its reader may have stopped reading.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    private enum Stage: UInt8, AtomicRepresentable { case working, finishing, ending }

    private let stage = Atomic<Stage>(.working)
    /// Held while something is written.
    private let writing = DispatchSemaphore(value: 1)
    private let lastWords: @Sendable () -> String?

    /// Listens from here on.
    /// - Parameter lastWords: the line that tells what is lost and what not; nil where another process says it.
    init(lastWords: @escaping @Sendable () -> String?) {
        self.lastWords = lastWords
        SignalThread.listen(to: [SIGINT, SIGTERM, SIGHUP]) { [self] in received($0) }
        // A reader that went away is an error of the write, after which nothing is left behind; and so is a file
        // that grows beyond a limit.
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    }

    /// Writes something that is not to be cut off in the middle.
    func whole<Result>(_ write: () throws -> Result) rethrows -> Result {
        writing.wait()
        defer { writing.signal() }
        return try write()
    }

    /// Gives the outputs their names: from here on the command is as good as done, and no signal ends it.
    func finishing(_ publish: () throws -> Void) rethrows {
        // Where a signal was faster, the process ends in this moment.
        while !advance(to: .finishing) { sleep(1) }
        try publish()
    }

    private func advance(to next: Stage) -> Bool {
        stage.compareExchange(expected: .working, desired: next, ordering: .acquiringAndReleasing).exchanged
    }

    private func received(_ number: Int32) {
        StandardError.stopWaiting()
        let isQuiet = writing.wait(timeout: .now() + Self.patience) == .success
        guard advance(to: .ending) else {
            if isQuiet { writing.signal() }
            return
        }
        TemporaryFile.discardAll()
        if let lastWords = lastWords() { StandardError.writeLine(lastWords) }
        // Not `exit`: other threads go on, and may have begun files meanwhile.
        TemporaryFile.discardAll()
        _exit(128 + number)
    }
}
