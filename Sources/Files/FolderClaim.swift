import Foundation
import SystemPackage

/// A folder that one program gives names in: while it has the claim, another that asks for it waits, so that files which
/// belong together are of one of them. The system lifts it where the program is killed.
package final class FolderClaim {
    private let descriptor: Int32

    /// Waits for another program, but not for ever: one that is stopped has its claim for as long as that.
    ///
    /// Nothing is claimed where the folder cannot be opened or its file system knows no such locks.
    /// - Parameter path: of a file or folder in it.
    /// - Throws: `FileError` where another program has not given it up in `limit`.
    package init(forNaming path: FilePath, limit: Duration = .seconds(20)) throws {
        descriptor = TemporaryFile.folder(of: path).withPlatformString { folder in
            uninterrupted { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        guard descriptor >= 0 else { return }
        let end = ContinuousClock.now + limit
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR {
            guard ContinuousClock.now < end else {
                close(descriptor)
                throw FileError.unusable(
                    path: "\(path)",
                    problem:
                        "cannot be written: another program has been giving names to files in its folder "
                        + "for \(limit.components.seconds) s; see what holds it (fuser), or choose another folder"
                )
            }
            usleep(5000)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
