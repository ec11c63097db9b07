import Foundation

/// Where the layers of one recording are kept while it is computed: those that are too large for memory go
/// to temporary files.
package struct StoragePlan {
    /// Where each layer goes; nil is memory.
    package let spillFolders: [String?]

    /// A layer lives until the next one is complete, so two at a time need room.
    ///
    /// - Parameters:
    ///   - sizes: bytes of each layer; nil for one that takes the place of the layer before.
    ///   - limit: bytes of memory for layers.
    ///   - folder: of the temporary files.
    /// - Throws: `SpillError` where the folder lacks the room.
    package init(sizes: [Int?], memoryLimit limit: Int, folder: String) throws {
        var folders: [String?] = []
        var (previousInMemory, previousInFile, largestFiles) = (0, 0, 0)
        for size in sizes {
            guard let size else {
                folders.append(folders.last ?? nil)
                continue
            }
            let fits = previousInMemory + size <= limit
            folders.append(fits ? nil : folder)
            largestFiles = max(largestFiles, fits ? previousInFile : previousInFile + size)
            (previousInMemory, previousInFile) = fits ? (size, 0) : (0, size)
        }
        spillFolders = folders
        guard largestFiles > 0 else { return }
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw SpillError(folder, code: errno) }
        let free = Double(status.f_bavail) * Double(status.f_frsize)
        guard free >= Double(largestFiles) else {
            throw SpillError(folder, needed: largestFiles, free: Int(free))
        }
    }

    /// `TMPDIR`, else `/var/tmp`, which unlike `/tmp` is never a file system in memory.
    package static var temporaryFolder: String {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return named.isEmpty ? "/var/tmp" : named
    }
}
