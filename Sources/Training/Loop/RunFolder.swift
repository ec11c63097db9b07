import Checkpoints
import Files
import Foundation

/// The folder that `--output` names: the resolved configuration, the log and the checkpoints of one run.
public struct RunFolder: Equatable, Sendable {
    public let path: String

    public init(path: String) { self.path = path }

    public var configuration: String { path + "/config.yaml" }
    public var log: String { path + "/log.jsonl" }
    /// A manifest of the recordings that are trained on.
    public var recordings: String { path + "/recordings.tsv" }
    /// The state after the last update that was saved; training goes on from here.
    public var last: String { path + "/" + Checkpoint.lastFile }
    /// The weights with the lowest validation loss.
    public var best: String { path + "/" + Checkpoint.bestFile }

    /// The checkpoint that a run goes on from: the last one, or the best where that is all there is.
    public var resumable: String? { [last, best].first(where: FileManager.default.fileExists) }

    /// Whether there is a state to go on from, which a new run must not be mixed with.
    public var hasRun: Bool { resumable != nil }

    /// Whether a new run can begin here, before anything is touched.
    /// - Throws: `TrainingError` where there is a run, in progress or not.
    public func requireUnused() throws {
        try requireFree()
        guard !hasRun else { throw TrainingError.holdsRun(folder: path) }
    }

    /// - Throws: `TrainingError` that names the process that trains here.
    public func requireFree() throws { try RunLock.requireFree(self) }
}
