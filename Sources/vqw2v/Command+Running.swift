import ArgumentParser
import CMemory
import Files
import Foundation
import Speech

extension Command {
    /// What ArgumentParser writes before a message of its own: as `errorLine`.
    static let _errorPrefix = "error: "

    /// Runs the command that the arguments name.
    ///
    /// The exit code is 0 where all was done, 64 (`EX_USAGE`) for a command line that means nothing, 1 for any other
    /// failure, 128 and the number of the signal that ended it.
    static func main() {
        openStandardDescriptors()
        // A reader that went away and a limit of file sizes are errors of the write: outputs are given up cleanly.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        Foundation.exit(status(of: RawArguments.encoded))
    }

    private static func status(of arguments: [String]) -> Int32 {
        do {
            var command = try parseAsRoot(arguments)
            try BackgroundThreads.begin()
            try command.run()
            return EXIT_SUCCESS
        } catch is ReaderGone {
            return 128 + SIGPIPE
        } catch {
            let code = exitCode(for: error).rawValue
            guard code == EXIT_SUCCESS else {
                tell(of: error)
                vq_end_is_explained()
                return code
            }
            return print(help: fullMessage(for: error))
        }
    }

    /// What was asked for instead of a run: help, the version, a completion script.
    private static func print(help text: String) -> Int32 {
        do {
            try StandardOutput().write(withExamples(text) + "\n")
            return EXIT_SUCCESS
        } catch is ReaderGone {
            return 128 + SIGPIPE
        } catch {
            tell(of: error)
            return EXIT_FAILURE
        }
    }

    /// Prints an error.
    static func tell(of error: any Error) { printError(errorText(error), terminator: "") }

    /// A line that tells of the error, below it for a wrong command line how it is used; empty for an exit that was
    /// explained before.
    private static func errorText(_ error: any Error) -> String {
        if let error = error as? DataError { return error.problems.map { errorLine($0) + "\n" }.joined() }
        if option(for: error) != nil { return errorLine(error) + "\n" }
        let (message, full) = (message(for: error), fullMessage(for: error))
        let prefix = _errorPrefix + message
        guard full.hasPrefix(prefix) else { return full.isEmpty ? "" : full + "\n" }
        let usage = full.dropFirst(prefix.count).trimmingCharacters(in: .newlines)
        return errorLine(message) + "\n" + (usage.isEmpty ? "" : usage + "\n")
    }

    /// A program that is started with one of the three closed would take the next file that it opens for it.
    private static func openStandardDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // Reading from what should be read and writing to what should be written fails as before.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }
}

/// An error of the check is one of the command line, whatever files hold: it comes with the usage, and the program
/// exits with 64.
func asWrongUsage(_ check: () throws -> Void) throws {
    do { try check() } catch { throw ValidationError("\(error)") }
}

/// A command whose help ends with examples.
protocol Exemplified: ParsableCommand {
    /// Lines for a shell.
    static var examples: [String] { get }
}

extension Command {
    /// The help of a command with its examples; other text as it is. ArgumentParser puts what it is given before the
    /// options only, and does not say whose help it has made.
    private static func withExamples(_ text: String) -> String {
        let commands = [self as any ParsableCommand.Type] + configuration.subcommands
        let command = commands.first { command in
            [false, true].contains { helpMessage(for: command, includeHidden: $0) == text }
        }
        guard let command = command as? any Exemplified.Type else { return text }
        let examples = command.examples.map { "  \($0)\n" }.joined()
        return "\(text)\(text.hasSuffix("\n") ? "" : "\n")\nEXAMPLES:\n\(examples)".trimmingCharacters(
            in: .newlines)
    }
}
