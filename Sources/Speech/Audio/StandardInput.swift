import Foundation
import Layers
import Synchronization
import Tensors

/// Audio on standard input. What comes through a pipe is kept in a temporary file without a name, since decoders
/// go back and forth; it can then be opened as often as needed.
enum StandardInput {
    private static let kept = Mutex<Int32?>(nil)

    /// - Returns: a descriptor of its own, and the bytes it has.
    /// - Throws: `AudioError`.
    static func open() throws -> (descriptor: Int32, size: Int) {
        try kept.withLock { kept in
            let descriptor = try kept ?? keep()
            kept = descriptor
            var status = stat()
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0, fstat(copy, &status) == 0 else { throw failure(errno) }
            return (copy, Int(status.st_size))
        }
    }

    /// Standard input itself where it is a file, else a file with all of it.
    private static func keep() throws -> Int32 {
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0 else { throw failure(errno) }
        if status.st_mode & S_IFMT == S_IFREG { return STDIN_FILENO }
        guard isatty(STDIN_FILENO) == 0 else {
            throw AudioError.unsupported(
                "standard input", "is a terminal: give it the audio, as in: vqw2v … < FILE")
        }
        let folder = StoragePlan.temporaryFolder
        var template = Array("\(folder)/vqw2v-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure(errno, in: folder) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        do {
            try copy(to: descriptor, in: folder)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func copy(to descriptor: Int32, in folder: String) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count == 0 { return }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw failure(errno) }
            var done = 0
            while done < count {
                let written = buffer.withUnsafeBytes {
                    write(descriptor, $0.baseAddress.map { $0 + done }, count - done)
                }
                if written < 0 && errno != EINTR { throw failure(errno, in: folder) }
                done += max(written, 0)
            }
        }
    }

    private static func failure(_ code: Int32, in folder: String? = nil) -> AudioError {
        let reason = OpenFile.reason(code)
        guard let folder else { return AudioError.unreadable("standard input", reason) }
        return AudioError.storage(
            "standard input",
            "cannot be kept in \(folder) (\(reason)): let TMPDIR name a folder with more room")
    }
}
