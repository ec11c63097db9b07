import Foundation
import Synchronization
import SystemPackage

/// A file that appears under its name only when it is whole and on the disk.
///
/// Bytes go to a temporary file in the same folder. `commit()` syncs it, renames it and syncs the folder;
/// until then a file of that name stays as it was. Without `commit()`, and after any error, the temporary
/// file is removed. A device or a pipe (`/dev/null`, `/dev/fd/63`) cannot be replaced and is written directly.
/// A link that is named leads to the file that is replaced; one that merely stands where a file is to be is replaced
/// itself (`followsLinks`).
public final class AtomicFile: ByteOutput {
    /// The path as given.
    public let path: String

    /// The file that is replaced: `path` with symbolic links resolved.
    private let destination: FilePath
    /// Nil when the destination is written directly, and once the file is renamed or given up.
    private var temporary: FilePath?
    /// -1 once closed.
    private var descriptor: Int32
    private var buffer: [UInt8] = []

    private static let bufferSize = 1 << 16

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
    public init(path file: FilePath, followsLinks: Bool = true) throws {
        let path = "\(file)"
        try FileError.checkPath(path)
        let destination = followsLinks ? Self.resolved(file) : file

        var status = stat()
        let exists =
            destination.withPlatformString { followsLinks ? stat($0, &status) : lstat($0, &status) } == 0
        let kind = status.st_mode & S_IFMT
        guard !exists || kind != S_IFDIR else {
            throw FileError(path, "cannot be written", code: EISDIR)
        }
        let isDirect = followsLinks && exists && (kind != S_IFREG || OutputFiles.isDescriptor(path))
        let temporary = isDirect ? nil : Self.temporaryName(beside: destination)
        let flags = isDirect ? O_WRONLY | O_APPEND : O_WRONLY | O_CREAT | O_EXCL
        let descriptor = (temporary ?? destination).withPlatformString { open($0, flags | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw FileError(path, "cannot be written", code: errno) }
        // A replaced file keeps its permissions; where that is not allowed, the usual ones do no harm.
        if exists && !isDirect && kind == S_IFREG { _ = fchmod(descriptor, status.st_mode & 0o777) }

        self.path = path
        self.destination = destination
        self.temporary = temporary
        self.descriptor = descriptor
        if let temporary { Self.temporaries.withLock { _ = $0.insert(temporary) } }
    }

    deinit { discard() }

    /// Of all files that have been begun.
    private static let temporaries = Mutex<Set<FilePath>>([])

    /// Gives up everything that has been begun, for a program that ends in the midst of it.
    package static func discardAll() {
        temporaries.withLock { for file in $0 { _ = file.withPlatformString { unlink($0) } } }
    }

    /// Replaces the file `path` by `data` in one step.
    /// - Throws: `FileError`; a file of that name is then as it was.
    public static func write(_ data: Data, to path: String) throws {
        let file = try AtomicFile(path: path)
        try data.withUnsafeBytes { try file.write($0) }
        try file.commit()
    }

    /// Appends bytes, through a buffer of 64 KiB.
    /// - Throws: `FileError`; nothing is left of the new file then.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        try requireOpen()
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count > Self.bufferSize {
            try check(writeAll(bytes, to: descriptor))
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    /// Puts everything that was written on the disk, so that `commit()` only gives the file its name.
    /// - Throws: `FileError`; nothing is left of the new file then.
    package func prepare() throws {
        try requireOpen()
        try flush()
        if temporary != nil { try check(fsync(descriptor) == 0 ? nil : errno) }
    }

    /// Removes the file that is to be replaced, where others that belong to the new one appear before it.
    /// - Throws: `FileError`; nothing is left of the new file then.
    package func removePrevious() throws {
        guard temporary != nil else { return }
        try check(destination.withPlatformString { unlink($0) } == 0 || errno == ENOENT ? nil : errno)
    }

    /// Puts the file under its name.
    /// - Throws: `FileError`; nothing is left of the new file then.
    public func commit() throws {
        try prepare()
        let closed = close(descriptor)
        descriptor = -1
        try check(closed == 0 || errno == EINTR ? nil : errno)
        guard let name = temporary else { return }
        let renamed = name.withPlatformString { old in destination.withPlatformString { rename(old, $0) } }
        try check(renamed == 0 ? nil : errno)
        temporary = nil
        Self.temporaries.withLock { _ = $0.remove(name) }
        try syncFolder()
    }

    private func flush() throws {
        try check(buffer.withUnsafeBytes { writeAll($0, to: descriptor) })
        buffer.removeAll(keepingCapacity: true)
    }

    private func requireOpen() throws {
        guard descriptor >= 0 else {
            throw FileError("\(path) cannot be written: it was committed or given up already")
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
        if descriptor >= 0 { close(descriptor) }
        if let temporary {
            _ = temporary.withPlatformString { unlink($0) }
            Self.temporaries.withLock { _ = $0.remove(temporary) }
        }
        (descriptor, temporary) = (-1, nil)
    }

    /// Makes the new name survive a power failure, where the folder can be opened and the file system can.
    private func syncFolder() throws {
        let folder = Self.folder(of: destination).withPlatformString {
            open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard folder >= 0 else { return }
        let code = fsync(folder) == 0 ? 0 : errno
        close(folder)
        guard code == 0 || code == EINVAL || code == ENOTSUP else {
            throw FileError(path, "was written, but its folder cannot be synced", code: code)
        }
    }

    /// The file behind a path, links resolved; the path where there is none.
    private static func resolved(_ path: FilePath) -> FilePath {
        guard let pointer = path.withPlatformString({ realpath($0, nil) }) else { return path }
        defer { free(pointer) }
        return FilePath(platformString: pointer)
    }

    private static func folder(of path: FilePath) -> FilePath {
        let folder = path.removingLastComponent()
        return folder.isEmpty ? "." : folder
    }

    /// Short whatever the file's name, so that only the rename can find that name too long.
    package static func temporaryName(beside path: FilePath) -> FilePath {
        folder(of: path).appending(".vqw2v-\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp")
    }
}
