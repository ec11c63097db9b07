import Foundation
import Synchronization

/// Text for people, on standard error. Where it is read slowly or not at all, writing waits; but hardly once the process
/// has been asked to stop: what it still has to save must not wait for a reader.
public enum StandardError {
    /// Milliseconds to wait for a reader; below 0 as long as it takes.
    private static let patience = Atomic<Int32>(-1)

    /// From here on text that standard error does not take within half a second is left out, and then whatever it does not
    /// take at once.
    public static func stopWaiting() { patience.store(500, ordering: .relaxed) }

    /// Writes all of the text, or no more of it where the reader has gone or is not waited for any longer.
    public static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            guard waitForReader() else { return }
            // A pipe that is ready takes that much without waiting (POSIX).
            let written = rest.prefix(Int(_POSIX_PIPE_BUF)).withUnsafeBytes {
                Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            guard written >= 0 || errno == EINTR || errno == EAGAIN else { return }
            rest = rest.dropFirst(max(0, written))
        }
    }

    /// Takes away what stands on a terminal's last line.
    package static let clearLine = "\r\u{1B}[K"

    /// Writes a line, on a terminal in the place of a line of progress.
    package static func writeLine(_ line: String) {
        write((isatty(STDERR_FILENO) == 1 ? clearLine : "") + line + "\n")
    }

    /// Whether more text will be taken.
    private static func waitForReader() -> Bool {
        while true {
            let limit = patience.load(ordering: .relaxed)
            var descriptor = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
            // A wait without a limit looks from time to time whether it has one now.
            let count = poll(&descriptor, 1, limit < 0 ? 100 : limit)
            if count > 0 { return true }
            if count < 0 && errno != EINTR { return false }
            if count == 0 && limit >= 0 {
                patience.store(0, ordering: .relaxed)
                return false
            }
        }
    }
}
