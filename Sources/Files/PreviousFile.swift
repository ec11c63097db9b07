import CProcess
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
        guard code == 0 else { throw FileError("\(destination)", "cannot be written", code: code) }
        hidden = name
    }

    deinit {
        if let hidden { _ = hidden.withPlatformString { unlink($0) } }
        if descriptor >= 0 { close(descriptor) }
    }

    /// Puts the file back in place of a new one; where there was none, takes the new one away.
    /// - Returns: where the file is now, if it cannot be put back: under a name that nobody takes for a leftover.
    func restore() -> FilePath? {
        guard let hidden else {
            _ = destination.withPlatformString { unlink($0) }
            return nil
        }
        self.hidden = nil
        guard Self.move(hidden, to: destination) != 0 else { return nil }
        let saved = FilePath("\(destination).before")
        return Self.move(hidden, to: saved) == 0 ? saved : hidden
    }

    /// - Returns: 0, or the `errno` of the failure.
    private static func move(_ path: FilePath, to other: FilePath) -> Int32 {
        path.withPlatformString { path in other.withPlatformString { rename(path, $0) } } == 0 ? 0 : errno
    }
}

extension AtomicFile {
    /// Puts several files under their names, in this order, or leaves all as it was: the last of them never stands
    /// beside files that are not its own, also where another program gives the same names at that time.
    /// - Parameters:
    ///   - obsolete: files that go away with it.
    ///   - check: called before anything has changed, when no other program can give names any more.
    /// - Throws: `FileError`; what was there before is there again then. What `check` throws.
    package static func commit(
        _ files: [AtomicFile], removing obsolete: [FilePath] = [], check: () throws -> Void = {}
    ) throws {
        for file in files { try file.prepare() }
        let claims = FolderClaim.claims(forNaming: files.map(\.destination))
        defer { withExtendedLifetime(claims) {} }
        try check()
        guard files.count + obsolete.count > 1 else {
            for file in files { try file.commit() }
            return
        }
        vq_begin_naming()
        defer { vq_end_naming() }
        try giveNames(to: files, removing: obsolete)
    }

    private static func giveNames(to files: [AtomicFile], removing obsolete: [FilePath]) throws {
        var previous: [PreviousFile] = []
        do {
            for file in files.reversed() { try file.makeRoom().map { previous.append($0) } }
            for file in obsolete { previous.append(try PreviousFile(at: file)) }
            for file in files { try file.commit() }
        } catch {
            // The last one comes back when all others have.
            let lost = previous.reversed().compactMap { $0.restore() }
            guard let file = lost.first else { throw error }
            throw FileError.unusable(
                path: "\(file)", problem: "is what was there before, and could not be put back: \(error)")
        }
    }
}
