import Foundation

/// Runs a program to its end, as a user's shell would: for times of whole processes.
public enum ChildProcess {
    /// Why it did not come to a good end.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// With its output thrown away.
    public static func run(_ path: String, _ arguments: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, nil, &words, environ)
        guard code == 0 else { throw Failure(description: "\(path): \(String(cString: strerror(code)))") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 {
            guard errno == EINTR else { throw Failure(description: "\(path): lost its process") }
        }
        guard status == 0 else {
            throw Failure(
                description: "\(path) \(arguments.joined(separator: " ")) failed (status \(status))")
        }
    }

    /// The program, as built by `make build`, or as the environment variable `VQW2V` names it.
    public static var vqw2v: String {
        if let named = ProcessInfo.processInfo.environment["VQW2V"], !named.isEmpty { return named }
        let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        return package.appending(path: ".build/release/vqw2v").standardizedFileURL.path
    }
}
