import Foundation

/// A whole file, read through the system's page cache.
///
/// The mapping is private and read-only. Our own files are replaced by renaming, which leaves a mapping of
/// the old file intact; a file that another program shortens in place while it is mapped cannot be guarded.
package final class MappedFile: @unchecked Sendable {
    package let bytes: UnsafeRawBufferPointer

    /// - Throws: `FileError` for a missing or unreadable file and for anything that is not a regular file.
    package init(path: String) throws {
        try FileError.checkPath(path)
        // Without O_NONBLOCK opening a pipe would wait for its other end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(path, "cannot be read", code: errno) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path, "cannot be read", code: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw FileError(path, "cannot be read", code: EISDIR)
        }
        guard status.st_mode & S_IFMT == S_IFREG, let size = Int(exactly: status.st_size) else {
            throw FileError("\(path) cannot be read: it is not a regular file; copy it to one")
        }
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw FileError(path, "cannot be read", code: errno)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    /// Hands over all bytes. Whoever uses `bytes` has to see to it himself that the mapping lives as long.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(bytes) }
    }

    /// Lets the system take back the memory of these bytes; they are read from the file again when needed.
    package func release(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<bytes.count)
        let page = Int(getpagesize())
        let start = range.lowerBound / page * page
        guard let base = bytes.baseAddress, !range.isEmpty else { return }
        // Only advice: a failure changes nothing.
        _ = madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, MADV_DONTNEED)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
