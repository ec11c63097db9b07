import Foundation
import SystemPackage

/// A file that is open for reading. What reads it reads the same file, even where another one has taken its name.
package final class InputFile: Sendable {
    package let path: String
    /// Bytes when it was opened.
    package let count: Int
    package let identity: FileID
    let descriptor: Int32

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
        let descriptor = file.withPlatformString { file in
            uninterrupted { open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        }
        guard descriptor >= 0 else { throw FileError(path, "cannot be read", code: errno) }
        do {
            (count, identity) = try Self.status(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        (self.path, self.descriptor) = (path, descriptor)
    }

    deinit { close(descriptor) }

    private static func status(_ descriptor: Int32, _ path: String) throws -> (Int, FileID) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(path, "cannot be read", code: errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw FileError(path, "cannot be read", code: EISDIR)
        }
        guard status.st_mode & S_IFMT == S_IFREG, let size = Int(exactly: status.st_size) else {
            throw FileError.notRegular(path: path)
        }
        return (size, FileID(status))
    }

    /// Copies bytes from a position on, as many as there is room for.
    /// - Throws: `FileError`, also where the file has become too short for them.
    package func read(at position: Int, into target: UnsafeMutableRawBufferPointer) throws {
        var target = UnsafeMutableRawBufferPointer(rebasing: target[...])
        var position = position
        while !target.isEmpty {
            let read = uninterrupted { pread(descriptor, target.baseAddress, target.count, off_t(position)) }
            guard read >= 0 else { throw FileError(path, "cannot be read", code: errno) }
            guard read > 0 else { throw FileError.shortened(path: path) }
            target = UnsafeMutableRawBufferPointer(rebasing: target[read...])
            position += read
        }
    }

    /// All bytes.
    /// - Throws: as `read(at:into:)`.
    package func bytes() throws -> [UInt8] { try bytes(0..<count) }

    /// The bytes of a range that lies within the file.
    /// - Throws: as `read(at:into:)`.
    package func bytes(_ range: Range<Int>) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count])
            try read(at: range.lowerBound, into: target)
            initialized = range.count
        }
    }

    /// Whether the file is what Git LFS leaves in place of a large one that was not fetched.
    package var isGitLFSPointer: Bool {
        get throws {
            let mark = Array("version https://git-lfs.github.com/spec/".utf8)
            return try count >= mark.count && bytes(0..<mark.count) == mark
        }
    }
}
