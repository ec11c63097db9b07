import Foundation
import SystemPackage

/// A file that makes room for a new one: it has a hidden name in its folder until that is certain, and comes back
/// where it is not.
final class PreviousFile {
    private let destination: FilePath
    /// Nil where there was no file.
    private var hidden: FilePath?
    /// Open for the claim to the hidden name alone.
    private let descriptor: Int32

    /// Moves the file away.
    /// - Throws: `FileError`; the file is where it was then.
    init(at destination: FilePath) throws {
        self.destination = destination
        var status = stat()
        guard destination.withPlatformString({ lstat($0, &status) }) == 0 else {
            descriptor = -1
            return
        }
        descriptor = destination.withPlatformString { path in
            uninterrupted { open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        }
        if descriptor >= 0 { TemporaryFile.claim(descriptor) }
        let name = TemporaryFile.name(in: TemporaryFile.folder(of: destination))
        // What cannot be replaced is not moved either.
        let code = status.st_mode & S_IFMT == S_IFDIR ? EISDIR : Self.move(destination, to: name)
        guard code == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw FileError("\(destination)", "cannot be written", code: code)
        }
        hidden = name
    }

    deinit {
        if let hidden { _ = hidden.withPlatformString { unlink($0) } }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Puts the file back in place of a new one; where there was none, takes the new one away.
    func restore() {
        guard let hidden else {
            _ = destination.withPlatformString { unlink($0) }
            return
        }
        // What cannot be put back is not removed: somebody may find it.
        _ = Self.move(hidden, to: destination)
        self.hidden = nil
    }

    /// - Returns: 0, or the `errno` of the failure.
    private static func move(_ path: FilePath, to other: FilePath) -> Int32 {
        path.withPlatformString { path in other.withPlatformString { rename(path, $0) } } == 0 ? 0 : errno
    }
}

extension AtomicFile {
    /// Puts several files under their names, in this order, or leaves all as it was: the last of them never stands
    /// beside files that are not its own.
    /// - Throws: `FileError`; what was there before is there again then.
    package static func commit(_ files: [AtomicFile]) throws {
        guard files.count > 1 else {
            for file in files { try file.commit() }
            return
        }
        for file in files { try file.prepare() }
        var previous: [PreviousFile] = []
        do {
            for file in files.reversed() { try file.makeRoom().map { previous.append($0) } }
            for file in files { try file.commit() }
        } catch {
            // The last one comes back when all others have.
            for file in previous.reversed() { file.restore() }
            throw error
        }
    }
}
