import Files

/// Why a file is not a checkpoint that can be used, and what to do.
public enum CheckpointError: Error, Equatable {
    case gitLFSPointer(path: String)
    /// A folder that holds no checkpoint.
    case noRun(folder: String)
    /// The folder of a run that has not been validated yet.
    case noBest(folder: String, last: String)
    /// A safetensors file of another program, or one that lost its description there.
    case notOurs(path: String)
    case wrongVersion(path: String, version: String?)
    /// The version of the format, or what the file says of the program that wrote it.
    case newer(path: String, wroteIt: String)
    case incomplete(path: String)
    /// A file whose version has checksums, without them.
    case noChecksums(path: String)
    case unreadableState(path: String)
    /// Numbers that no run has, named in words.
    case damaged(path: String, what: String)
    case noRunToResume(path: String, format: String)
    case noOptimizer(path: String)
    case missing(path: String, tensor: String)
    case wrongShape(path: String, tensor: String, shape: [Int], expected: [Int])
    /// A tensor of the model that its configuration has no place for.
    case surplus(path: String, tensor: String, shape: [Int])
    case notFinite(path: String, tensor: String)
    /// A checkpoint that cannot be used for what was asked: the rest of a line that begins with its name.
    case unsuitable(path: String, String)
}

extension CheckpointError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .gitLFSPointer(let path):
            "\(path) is a pointer of Git LFS, not the checkpoint that it stands for; fetch that with git lfs pull"
        case .noRun(let folder):
            "\(folder) is a folder without best.safetensors: name a checkpoint, or the folder of a run"
        case .noBest(let folder, let last):
            "\(folder) has no best.safetensors, as its run has not been validated yet; for its last state name "
                + last
        case .notOurs(let path):
            "\(path) is a safetensors file but not a checkpoint of vqw2v; clusters go with --clusters, and a checkpoint that "
                + "another program saved again needs the old file's metadata"
        case .wrongVersion(let path, let version):
            "\(path) has checkpoint version \(version ?? "none"), this program reads "
                + "\(Checkpoint.Key.currentVersion); use the program that wrote it"
        case .newer(let path, let wroteIt):
            "\(path) was written by a newer program (\(wroteIt)) than this one, \(Checkpoint.programVersion); use "
                + "that or a later one"
        case .incomplete(let path):
            "\(path) lacks its configuration or its state; use a complete checkpoint"
        case .noChecksums(let path):
            "\(path) is damaged: it has lost its checksums (crc32 in its metadata); use another copy"
        case .unreadableState(let path):
            "\(path): the state of the run is not readable; use another checkpoint"
        case .damaged(let path, let what): "\(path) is damaged: \(what)"
        case .noRunToResume(let path, let format):
            "\(path): \(format) has no state of vqw2v's to resume from; use --init-from"
        case .noOptimizer(let path):
            "\(path) holds weights without the optimizer's state, which --resume goes on from; use the run's "
                + "last.safetensors, or begin a new run with --init-from"
        case .missing(let path, let tensor):
            "\(path) has no tensor \(tensor), which the configuration calls for"
        case .wrongShape(let path, let tensor, let shape, let expected):
            "\(path): \(tensor) has shape \(shape), the configuration calls for \(expected)"
        case .surplus(let path, let tensor, let shape):
            "\(path) has a tensor \(tensor) of shape \(shape), which its configuration has no place for"
        case .notFinite(let path, let tensor):
            "\(path): \(tensor) holds numbers that are not finite; use another checkpoint"
        case .unsuitable(let path, let problem): "\(path): \(problem)"
        }
    }
}
