import Foundation
import SystemPackage

/// A folder that one program gives names in: while it has the claim, another that asks for it waits, so that files which
/// belong together are of one of them. The system lifts it where the program is killed.
package final class FolderClaim {
    private let descriptor: Int32

    /// Whether the folder is claimed.
    package let isHeld: Bool

    /// Waits for another program, but not for ever: one that is stopped has its claim for as long as that, and whoever runs
    /// this one under flock(1) has it to the end. Finished work is not given up for that.
    ///
    /// Nothing is claimed where the folder cannot be opened or its file system knows no such locks either.
    package init(of folder: FilePath, limit: Duration = .seconds(10)) {
        descriptor = folder.withPlatformString { folder in
            uninterrupted { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        }
        guard descriptor >= 0 else {
            isHeld = false
            return
        }
        let end = ContinuousClock.now + limit
        var failed = flock(descriptor, LOCK_EX | LOCK_NB) != 0
        while failed, errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < end {
            usleep(5000)
            failed = flock(descriptor, LOCK_EX | LOCK_NB) != 0
        }
        isHeld = !failed
    }

    /// Claims to the folders of several files, in an order in which no two programs wait for each other.
    package static func claims(forNaming paths: [FilePath]) -> [FolderClaim] {
        var folders: [FileID: FilePath] = [:]
        for folder in Set(paths.map { TemporaryFile.folder(of: $0) }) {
            if let status = try? folder.stat() { folders[FileID(status)] = folder }
        }
        return folders.sorted { $0.key < $1.key }.map { FolderClaim(of: $0.value) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
