import Checkpoints
import Files
import Foundation
import SystemPackage

extension RunFolder {
    /// Whether a run would put its configuration in the place of a file that says something else: the file from
    /// which it was made may lie in the run's own folder.
    /// - Throws: as `RunConfiguration.yaml()`.
    public func wouldReplace(_ file: String, with configuration: RunConfiguration) throws -> Bool {
        var (own, other) = (stat(), stat())
        guard stat(self.configuration, &own) == 0, stat(file, &other) == 0, own.st_ino == other.st_ino,
            own.st_dev == other.st_dev
        else { return false }
        return FileManager.default.contents(atPath: file) != Data(try configuration.yaml().utf8)
    }

    /// Makes the folder, locks it, and writes `config.yaml` and `recordings.tsv`.
    /// - Parameters:
    ///   - recordings: text of the latter; nil where no manifest can name them.
    ///   - resuming: whether what is there is this run's own.
    /// - Throws: `TrainingError` that names the process that has the folder, or a file that is not a run's; `FileError`
    ///   that names the folder.
    func occupy(_ configuration: RunConfiguration, recordings: [UInt8]?, resuming: Bool) throws -> RunLock {
        try OutputFiles.makeFolder(FilePath(path))
        let lock = try RunLock(self)
        TemporaryFile.discardLeftovers(in: FilePath(path))
        do {
            var files: [(path: String, content: Data, name: String)] = [
                (self.configuration, Data(try configuration.yaml().utf8), "the complete configuration")
            ]
            if let recordings {
                files.append((self.recordings, Data(recordings), "the list of the recordings"))
            }
            files.removeAll { FileManager.default.contents(atPath: $0.path) == $0.content }
            if !resuming {
                guard !hasRun else { throw TrainingError.changedMeanwhile(path) }
                if !lock.isInherited {
                    for (path, _, name) in files { try requireNothing(at: path, for: name) }
                    try requireNoLog()
                }
            }
            for (path, content, _) in files { try AtomicFile.write(content, to: path, followsLinks: false) }
        } catch {
            lock.release(keeping: lock.isInherited)
            throw error
        }
        return lock
    }

    /// A file of the run's names that no run has written would be replaced.
    private func requireNothing(at path: String, for name: String) throws {
        var status = stat()
        guard lstat(path, &status) != 0 else {
            throw TrainingError.wouldReplace(path, with: "\(name) of the run")
        }
    }

    private func requireNoLog() throws {
        var status = stat()
        // A folder, or a link to nothing, is told by what opens it.
        if stat(log, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 {
            throw TrainingError.wouldReplace(log, with: "the log of the run")
        }
    }
}
