import Foundation
import Layers
import Synchronization
import Tensors

/// Audio on standard input. What comes through a pipe is kept in a temporary file without a name, since decoders
/// go back and forth; it can then be opened as often as needed.
enum StandardInput {
    private static let kept = Mutex<Int32?>(nil)

    /// - Parameter source: what it is called.
    /// - Returns: a descriptor of its own, and the bytes it has.
    /// - Throws: `AudioError`.
    static func open(_ source: AudioSource) throws -> (descriptor: Int32, size: Int) {
        try kept.withLock { kept in
            let descriptor = try kept ?? keep(source)
            kept = descriptor
            var status = stat()
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0, fstat(copy, &status) == 0 else { throw failure(errno) }
            return (copy, Int(status.st_size))
        }
    }

    /// Standard input itself where it is a file, else a file with all of it.
    private static func keep(_ source: AudioSource) throws -> Int32 {
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
            try copy(to: descriptor, named: source, in: folder)
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Bytes after which something that never ends has to have shown that it is audio.
    private static let beginning = 1 << 24

    private static func copy(to descriptor: Int32, named source: AudioSource, in folder: String) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var (total, isKnown) = (0, false)
        while true {
            if !isKnown, total > beginning {
                let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
                guard copy >= 0 else { throw failure(errno) }
                let window = FileWindow(OpenFile(copy, size: total, source))
                try AudioDecoders.requireBeginning(window, source)
                isKnown = true
            }
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
            total += count
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
