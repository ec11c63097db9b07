import Files
import Foundation

/// Where people read a log: a terminal, where one line is rewritten in place, or a file or pipe with plain lines.
public final class LogOutput {
    private let write: (String) -> Void
    private let width: () -> Int?
    /// What stands on the terminal's last line now.
    private var liveLine = ""

    /// - Parameters:
    ///   - width: columns of the terminal; nil where there is none.
    ///   - write: takes text as it is to appear, line ends included.
    public init(width: @escaping () -> Int?, write: @escaping (String) -> Void) {
        (self.width, self.write) = (width, write)
    }

    /// Standard error, live where it is a terminal.
    public static func standardError() -> LogOutput {
        LogOutput(width: terminalWidth, write: StandardError.write)
    }

    /// Nowhere: of several processes only one speaks.
    public static var silent: LogOutput { LogOutput(width: { nil }, write: { _ in }) }

    /// Shows a line that the next one replaces, or on a pipe prints the full line.
    /// - Parameter fitted: the line for a terminal of so many columns.
    public func show(_ full: String, fitted: (Int) -> String) {
        guard let columns = width() else { return write(full + "\n") }
        // A line as wide as the terminal would wrap.
        liveLine = fitted(columns - 1)
        write(StandardError.clearLine + liveLine)
    }

    /// Prints a line that stays.
    public func print(_ line: String) {
        guard !liveLine.isEmpty else { return write(line + "\n") }
        write(StandardError.clearLine + line + "\n" + liveLine)
    }

    /// Whether lines are rewritten in place.
    public var isLive: Bool { width() != nil }

    /// Removes the live line.
    public func clear() {
        if !liveLine.isEmpty { write(StandardError.clearLine) }
        liveLine = ""
    }

    /// Leaves the live line where it is and goes to the next.
    func finish() {
        if !liveLine.isEmpty { write("\n") }
        liveLine = ""
    }

    private static func terminalWidth() -> Int? {
        guard isatty(STDERR_FILENO) == 1, ProcessInfo.processInfo.environment["TERM"] != "dumb" else {
            return nil
        }
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
