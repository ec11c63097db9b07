import Checkpoints
import Foundation

/// Why a run cannot begin or go on. Its description is one line with the file and the remedy.
public enum TrainingError: Error, CustomStringConvertible, Equatable {
    /// The folder of a run, or a file in it, cannot be made.
    case notMade(String, what: String, code: Int32)
    case holdsRun(folder: String)
    case nothingToResume(RunFolder)
    /// A process trains in the folder.
    case inUse(folder: String, by: String)
    /// Another run has changed the folder since it was looked at.
    case changedMeanwhile(String)
    /// A file of a name that a run gives, which no run has written.
    case wouldReplace(String, with: String)
    case logNotWritten(String, code: Int32)
    case otherData(checkpoint: String, before: DataFingerprint, now: DataFingerprint)
    /// The run is to end where it has been already.
    case endPassed(setting: String, updates: Int)
    case notEnoughMemory(needed: Double, available: Double)
    /// A number that is not finite: in what, when, with which recordings, and the checkpoint that is left.
    case notFinite(place: String, tensor: String, recordings: [String], left: String?)
    case noUsableRecording(place: String)
    case tooManyProcesses(Int, batches: Int)

    public var description: String {
        switch self {
        case .notMade(let path, let what, let code):
            "\(path): \(what) cannot be made: \(Self.reason(code)); choose another --output"
        case .holdsRun(let folder):
            "\(folder) holds a run already: add --resume to go on with it, or choose another --output"
        case .nothingToResume(let folder):
            "\(folder.path) has no \(folder.last) to resume: leave out --resume to begin a run"
        case .inUse(let folder, let process):
            "\(folder): \(process) trains in this folder: wait until it has ended, or choose another --output"
        case .changedMeanwhile(let path):
            "\(path) has been changed by another run meanwhile: see what it holds, then give the command again"
        case .wouldReplace(let file, let content):
            "\(file) is there already and would be replaced by \(content): give it another name or folder, or "
                + "choose another --output"
        case .logNotWritten(let path, let code): "\(path): the log cannot be written; \(Self.reason(code))"
        case .otherData(let checkpoint, let before, let now):
            "\(checkpoint) was trained on \(before.utterances) utterances (\(before.samples) samples), not on "
                + "these \(now.utterances) (\(now.samples)) with these names in this order: name the same data "
                + "and validation data, or begin a new run with --init-from"
        case .endPassed(let setting, let updates):
            "\(setting) is not above the \(updates) updates that this run has done: give more, or use its "
                + "checkpoint as it is"
        case .notEnoughMemory(let needed, let available):
            "the run needs about \(RunEstimate.gigabytes(needed)) of memory, and there are "
                + "\(RunEstimate.gigabytes(available)): lower data.max_samples (and raise "
                + "training.accumulate_batches), data.max_sample_size, prediction.steps or the size of the model"
        case .notFinite(let place, let tensor, let recordings, let left):
            "\(place): \(tensor) is not finite, in a batch of \(Self.summary(recordings)); "
                + Self.wayOut(left)
        case .noUsableRecording(let place):
            "\(place): none of the recordings can be used; name others"
        case .tooManyProcesses(let processes, let batches):
            "\(processes) processes cannot share the \(batches) batches of an update: raise "
                + "training.accumulate_batches (and lower data.max_samples), or start fewer"
        }
    }

    private static func wayOut(_ checkpoint: String?) -> String {
        let restart = "with a lower schedule.learning_rate or with optimizer.clip_norm"
        guard let checkpoint else {
            return "nothing was saved yet. Leave out recordings that are damaged, or begin anew \(restart)"
        }
        return
            "\(checkpoint) is as it was saved last. Leave out recordings that are damaged, or begin a new run "
            + "\(restart), from its weights by --init-from"
    }

    /// The recordings by name.
    private static func summary(_ paths: [String]) -> String {
        let names = paths.prefix(8).joined(separator: ", ")
        return paths.count > 8 ? "\(paths.count) recordings (\(names), …)" : names
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
