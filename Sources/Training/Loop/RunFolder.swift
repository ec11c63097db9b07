import Checkpoints
import Files
import Foundation

/// The folder that `--output` names: the resolved configuration, the log and the checkpoints of one run.
public struct RunFolder: Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    public var configuration: String { path + "/config.yaml" }
    public var log: String { path + "/log.jsonl" }
    /// The state after the last update that was saved; training goes on from here.
    public var last: String { path + "/last.safetensors" }
    /// The weights with the lowest validation loss.
    public var best: String { path + "/best.safetensors" }

    /// Whether there is a state to go on from.
    public var canResume: Bool { FileManager.default.fileExists(atPath: last) }

    /// Whether a run has left anything here that a new one must not be mixed with.
    public var hasRun: Bool { canResume || FileManager.default.fileExists(atPath: best) }

    /// Makes the folder and writes `config.yaml`.
    /// - Throws: `TrainingError` that names the folder, or `FileError`.
    public func prepare(_ configuration: RunConfiguration) throws {
        if let code = Self.make(path) {
            throw TrainingError(
                "\(path): the folder cannot be made: \(String(cString: strerror(code))); choose another --output"
            )
        }
        try AtomicFile.write(Data(configuration.yaml().utf8), to: self.configuration)
    }

    /// Makes a folder and those above it. Foundation would, but does not say what is in the way.
    /// - Returns: the `errno` of a failure.
    private static func make(_ path: String) -> Int32? {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            prefix += component
            guard mkdir(prefix, 0o777) == 0 || errno == EEXIST else { return errno }
            prefix += "/"
        }
        var status = stat()
        guard stat(path, &status) == 0 else { return errno }
        return status.st_mode & S_IFMT == S_IFDIR ? nil : ENOTDIR
    }
}
