import Foundation
import SystemPackage

/// A file open for reading.
///
/// Decoders take a read that failed for the end of the file: the first failure is remembered, for `check()` to
/// tell after each of their calls.
package final class OpenFile {
    /// In bytes, when it was opened.
    let size: Int
    private let name: String
    let descriptor: Int32
    private var failure: String?
    /// What was read last, for the many small reads of headers.
    private var block: [UInt8] = []
    private var blockStart = 0

    private static let blockSize = 1 << 16

    /// - Throws: `AudioError` where it cannot be opened, is no regular file, or has no byte.
    package init(_ source: AudioSource) throws {
        name = "\(source)"
        if source.isStandardInput {
            (descriptor, size) = try StandardInput.open(source)
        } else {
            (descriptor, size) = try Self.open(source)
        }
        // The descriptor is closed by `deinit`, which runs since every property has its value; a second `close` could meet
        // another thread's file.
        guard size > 0 else { throw AudioError.unusable(name, "is empty: it has 0 bytes") }
    }

    /// A file that is open already, from now on in the care of this.
    init(_ descriptor: Int32, size: Int, _ source: AudioSource) {
        (self.descriptor, self.size, name) = (descriptor, size, "\(source)")
    }

    deinit { close(descriptor) }

    private static func open(_ source: AudioSource) throws -> (Int32, Int) {
        let name = "\(source)"
        var descriptor: Int32
        // A pipe that nobody writes to must not block.
        repeat {
            descriptor = source.path.withPlatformString {
                Foundation.open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            }
        } while descriptor < 0 && errno == EINTR
        let code = errno
        guard descriptor >= 0 else {
            if code == ENOENT { throw AudioError.missing(name) }
            throw AudioError.unreadable(name, reason(code))
        }
        var status = stat()
        let failed = fstat(descriptor, &status) != 0
        let kind = status.st_mode & S_IFMT
        guard !failed, kind == S_IFREG else {
            close(descriptor)
            if failed { throw AudioError.unreadable(name, reason(errno)) }
            throw AudioError.unsupported(
                name,
                kind == S_IFDIR
                    ? "is a directory, not a recording"
                    : "is not a regular file: write the audio to a file, or give it to standard input "
                        + "(- with --name)")
        }
        return (descriptor, Int(status.st_size))
    }

    /// Reads the bytes from `offset` on; fewer at the end, or where reading fails.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset >= 0, offset < size, !buffer.isEmpty else { return 0 }
        let wanted = min(buffer.count, size - offset)
        if wanted >= Self.blockSize {
            return transfer(UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
        }
        if offset < blockStart || offset + wanted > blockStart + block.count {
            block = [UInt8](unsafeUninitializedCapacity: min(Self.blockSize, size - offset)) {
                $1 = transfer(UnsafeMutableRawBufferPointer($0), at: offset)
            }
            blockStart = offset
        }
        let first = offset - blockStart
        let count = min(wanted, block.count - first)
        block.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[first..<first + count]))
        }
        return count
    }

    private func transfer(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let got = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if got > 0 {
                done += got
            } else if got == 0 || errno != EINTR {
                failure = failure ?? (got < 0 ? Self.reason(errno) : "it became shorter while it was read")
                break
            }
        }
        return done
    }

    /// - Throws: `AudioError` where a read has failed.
    package func check() throws {
        if let failure { throw AudioError.unreadable(name, failure) }
    }

    static func reason(_ code: Int32) -> String {
        let text = String(cString: strerror(code))
        return code == EMFILE || code == ENFILE ? "\(text): raise the limit (ulimit -n)" : text
    }
}
