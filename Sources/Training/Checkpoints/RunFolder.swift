import Foundation
import Interchange

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

    /// Whether a run has left a checkpoint here.
    public var hasRun: Bool { FileManager.default.fileExists(atPath: last) }

    /// Makes the folder and writes `config.yaml`.
    /// - Throws: `TrainingError` that names the folder, or `FileError`.
    public func prepare(_ configuration: RunConfiguration) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw TrainingError(
                "\(path): the folder cannot be made (\(error.localizedDescription)); choose another --output")
        }
        try AtomicFile.write(Data(configuration.yaml().utf8), to: self.configuration)
    }
}
