import Foundation
import SystemPackage

/// A whole file, read through the system's page cache. It stays open: what else reads it reads the same file,
/// even where another one has taken its name.
///
/// The mapping is private and read-only. Our own files are replaced by renaming, which leaves a mapping of
/// the old file intact; a file that another program shortens in place while it is mapped cannot be guarded.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    package let bytes: UnsafeRawBufferPointer
    private let descriptor: Int32

    /// - Throws: `FileError` for a missing or unreadable file and for anything that is not a regular file.
    package convenience init(path: String) throws {
        try FileError.checkPath(path)
        try self.init(path: FilePath(path))
    }

    /// - Throws: as above.
    package init(path file: FilePath) throws {
        let path = "\(file)"
        try FileError.checkPath(path)
        // Without O_NONBLOCK opening a pipe would wait for its other end.
        let descriptor = file.withPlatformString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw FileError(path, "cannot be read", code: errno) }
        do {
            bytes = try Self.map(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        (self.path, self.descriptor) = (path, descriptor)
    }

    private static func map(_ descriptor: Int32, _ path: String) throws -> UnsafeRawBufferPointer {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path, "cannot be read", code: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw FileError(path, "cannot be read", code: EISDIR)
        }
        guard status.st_mode & S_IFMT == S_IFREG, let size = Int(exactly: status.st_size) else {
            throw FileError("\(path) cannot be read: it is not a regular file; copy it to one")
        }
        guard size > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw FileError(path, "cannot be read", code: errno)
        }
        return UnsafeRawBufferPointer(start: start, count: size)
    }

    /// Hands over all bytes. Whoever uses `bytes` has to see to it himself that the mapping lives as long.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(bytes) }
    }

    /// Copies bytes without the mapping, so that they count as no memory of this process, and a file that was
    /// shortened meanwhile is an error.
    /// - Returns: how many there were from `offset` on, as many as fit; 0 at the end.
    /// - Throws: `FileError`.
    package func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = pread(descriptor, target.baseAddress, target.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError(path, "cannot be read", code: errno) }
        }
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
        close(descriptor)
    }
}
