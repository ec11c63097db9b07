import Files
import Foundation

/// One process's claim to a run folder: a locked file `run.lock` that names the process.
///
/// The system lifts the lock of a process that ends, however it ends. The file itself goes when the run has left a
/// checkpoint. Until then it is what proves that `config.yaml` and `log.jsonl` are a run's and not the user's.
final class RunLock {
    /// What the file begins with; one of the user's that has its name does not.
    private static let mark = "process "

    private let path: String
    private var descriptor: Int32
    /// Whether a run that ended without a checkpoint left the file.
    let isInherited: Bool

    /// - Throws: `TrainingError` that names the process that has the folder, or says why the file cannot be made.
    init(_ folder: RunFolder) throws {
        path = Self.path(folder)
        descriptor = try Self.lock(path, folder)
        var start = [UInt8](repeating: 0, count: Self.mark.utf8.count)
        let count = pread(descriptor, &start, start.count, 0)
        isInherited = count == start.count && start.elementsEqual(Self.mark.utf8)
        guard isInherited || count <= 0 else {
            release(keeping: true)
            throw TrainingError.wouldReplace(path, with: "the lock of the run")
        }
        let name = "\(Self.mark)\(getpid()) on \(ProcessInfo.processInfo.hostName)\n"
        let code =
            ftruncate(descriptor, 0) == 0
            ? Array(name.utf8).withUnsafeBytes { writeAll($0, to: descriptor) } : errno
        if let code {
            release(keeping: isInherited)
            throw Self.failure(path, code)
        }
    }

    deinit { release(keeping: true) }

    /// - Parameter keeping: leave the file for a later run to find.
    func release(keeping: Bool) {
        guard descriptor >= 0 else { return }
        if !keeping { unlink(path) }
        close(descriptor)
        descriptor = -1
    }

    /// - Throws: `TrainingError` where a process has the folder.
    static func requireFree(_ folder: RunFolder) throws {
        let descriptor = open(path(folder), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
            throw taken(folder, by: descriptor)
        }
    }

    private static func lock(_ path: String, _ folder: RunFolder) throws -> Int32 {
        var tries = 0
        while true {
            tries += 1
            let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { throw failure(path, errno) }
            // Some file systems of networks have no locks: there two runs cannot be told apart.
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                defer { close(descriptor) }
                guard tries < 5 else { throw taken(folder, by: descriptor) }
                // Perhaps only a look by `requireFree`.
                usleep(20_000)
                continue
            }
            // A run that has just ended may have removed the file between the two calls.
            var (opened, named) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
                return descriptor
            }
            close(descriptor)
        }
    }

    private static func taken(_ folder: RunFolder, by descriptor: Int32) -> TrainingError {
        var bytes = [UInt8](repeating: 0, count: 300)
        let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
        let name = String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .newlines)
        return .inUse(folder: folder.path, by: name.isEmpty ? "another process" : name)
    }

    private static func failure(_ path: String, _ code: Int32) -> TrainingError {
        .notMade(path, what: "the lock of the run", code: code)
    }

    private static func path(_ folder: RunFolder) -> String { folder.path + "/run.lock" }
}
