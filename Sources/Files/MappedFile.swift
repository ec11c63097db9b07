import Foundation
import SystemPackage

/// A whole file in memory, through the system's page cache, for formats that are read here and there.
///
/// The mapping is private and read-only. Our own files are replaced by renaming, which leaves a mapping of the old
/// file intact; but a file that another program shortens in place ends this one. So only what is short is read
/// from here: whatever takes time goes through `file`, for which that is an error.
package final class MappedFile: @unchecked Sendable {
    // `bytes` is what a pointer makes unsafe to share; nobody writes to it.
    package let file: InputFile
    package let bytes: UnsafeRawBufferPointer

    package var path: String { file.path }

    /// - Throws: `FileError` for a missing or unreadable file and for anything that is not a regular file.
    package convenience init(path: String) throws { try self.init(InputFile(path: path)) }

    /// - Throws: as above.
    package convenience init(path: FilePath) throws { try self.init(InputFile(path: path)) }

    private init(_ file: InputFile) throws {
        self.file = file
        guard file.count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let start = mmap(nil, file.count, PROT_READ, MAP_PRIVATE, file.descriptor, 0)
        guard let start, start != MAP_FAILED else {
            throw FileError(file.path, "cannot be read", code: errno)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: file.count)
    }

    /// Hands over all bytes. Whoever uses `bytes` has to see to it himself that the mapping lives as long.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(bytes) }
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
