import Foundation
import SystemPackage

/// A file that appears under its name only when it is whole and on the disk.
///
/// Bytes go to a `TemporaryFile` in the same folder. `commit()` syncs it, puts it under its name and syncs the
/// folder; until then a file of that name stays as it was. Without `commit()`, and after any error, nothing is
/// left. A device or a pipe (`/dev/null`, `/dev/fd/63`) cannot be replaced and is written directly.
///
/// A link that is named leads to the file that is replaced; one that merely stands where a file is to be is replaced
/// itself (`followsLinks`).
public final class AtomicFile: ByteOutput {
    /// The path as given.
    public let path: String

    /// The file that is replaced: `path` with symbolic links resolved.
    let destination: FilePath
    private var state: State
    private var buffer = WriteBuffer()

    private enum State {
        case temporary(TemporaryFile)
        /// A device or a pipe.
        case direct(Int32)
        /// Committed or given up.
        case closed
    }

    /// Creates the temporary file.
    /// - Throws: `FileError` when the folder is missing or not writable, or `path` is a folder.
    public convenience init(path: String, followsLinks: Bool = true) throws {
        try FileError.checkPath(path)
        guard !path.hasSuffix("/") else { throw FileError(path, "cannot be written", code: EISDIR) }
        try self.init(path: FilePath(path), followsLinks: followsLinks)
    }

    /// - Parameter followsLinks: false where the user has not named this file but a folder of it, or another file:
    ///   whoever can write to the folder must not decide with a link which file is replaced.
    /// - Throws: as above.
    public convenience init(path: FilePath, followsLinks: Bool = true) throws {
        try self.init(path: path, followsLinks: followsLinks, nameless: true)
    }

    /// - Parameter nameless: false for a temporary file with a name, for tests.
    package init(path file: FilePath, followsLinks: Bool = true, nameless: Bool) throws {
        let path = "\(file)"
        try FileError.checkPath(path)
        let destination = followsLinks ? OutputFiles.destination(of: file) : file

        var status = stat()
        let exists =
            destination.withPlatformString { followsLinks ? stat($0, &status) : lstat($0, &status) } == 0
        let kind = status.st_mode & S_IFMT
        guard !exists || kind != S_IFDIR else {
            throw FileError(path, "cannot be written", code: EISDIR)
        }
        self.path = path
        self.destination = destination
        if followsLinks, exists, kind != S_IFREG || OutputFiles.isDescriptor(path) {
            // What has its own place in a file that is open already comes at its end.
            let descriptor = destination.withPlatformString { path in
                uninterrupted { open(path, O_WRONLY | O_APPEND | O_CLOEXEC) }
            }
            guard descriptor >= 0 else { throw FileError(path, "cannot be written", code: errno) }
            state = .direct(descriptor)
            return
        }
        let folder = TemporaryFile.folder(of: destination)
        guard let file = TemporaryFile(in: folder, permissions: 0o666, nameless: nameless) else {
            throw FileError(path, "cannot be written", code: errno)
        }
        // A replaced file keeps its permissions; where that is not allowed, the usual ones do no harm.
        if exists, kind == S_IFREG { _ = fchmod(file.descriptor, status.st_mode & 0o777) }
        state = .temporary(file)
    }

    deinit { discard() }

    /// Replaces the file `path` by `data` in one step.
    /// - Throws: `FileError`; a file of that name is then as it was, unless the error says that it was written.
    public static func write(_ data: Data, to path: String, followsLinks: Bool = true) throws {
        let file = try AtomicFile(path: path, followsLinks: followsLinks)
        try data.withUnsafeBytes { try file.write($0) }
        try file.commit()
    }

    /// Appends bytes, through a buffer of 64 KiB.
    /// - Throws: `FileError`, `ReaderGone`; nothing is left of the new file then.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        try check(buffer.write(bytes, to: try descriptor()))
    }

    /// Puts everything that was written on the disk, so that `commit()` only gives the file its name.
    /// - Throws: `FileError`; nothing is left of the new file then.
    package func prepare() throws {
        let descriptor = try descriptor()
        try check(buffer.flush(to: descriptor))
        if case .temporary = state { try check(uninterrupted { fsync(descriptor) } == 0 ? nil : errno) }
    }

    /// Moves the file away that is to be replaced; a device or a pipe has none.
    /// - Throws: `FileError`; nothing is left of the new file then.
    func makeRoom() throws -> PreviousFile? {
        guard case .temporary = state else { return nil }
        do {
            return try PreviousFile(at: destination)
        } catch {
            discard()
            throw error
        }
    }

    /// Puts the file under its name.
    /// - Throws: `FileError`, `ReaderGone`; nothing is left of the new file then, unless the error says that it was written.
    public func commit() throws {
        try prepare()
        switch state {
        case .temporary(let file):
            try check(file.appear(as: destination))
            state = .closed
            try syncFolder()
        case .direct(let descriptor):
            state = .closed
            let closed = close(descriptor)
            try check(closed == 0 || errno == EINTR ? nil : errno)
        case .closed: break
        }
    }

    private func descriptor() throws -> Int32 {
        switch state {
        case .temporary(let file): return file.descriptor
        case .direct(let descriptor): return descriptor
        case .closed: throw FileError.closed(path: path)
        }
    }

    private func check(_ code: Int32?) throws {
        guard let code else { return }
        discard()
        if code == EPIPE { throw ReaderGone() }
        throw FileError(path, "cannot be written", code: code)
    }

    /// Gives up what has not been committed.
    private func discard() {
        if case .direct(let descriptor) = state { close(descriptor) }
        state = .closed
    }

    /// Makes the new name survive a power failure, where the folder can be opened and the file system can.
    private func syncFolder() throws {
        let path = TemporaryFile.folder(of: destination)
        let folder = path.withPlatformString { path in
            uninterrupted { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        guard folder >= 0 else { return }
        let code = uninterrupted { fsync(folder) } == 0 ? 0 : errno
        close(folder)
        guard code == 0 || code == EINVAL || code == ENOTSUP else {
            throw FileError(self.path, "was written, but its folder cannot be synced", code: code)
        }
    }
}
