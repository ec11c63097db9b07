import Foundation
import SystemPackage

/// A file without a name, for data that can only be placed when all are known. It is gone when it is closed,
/// whatever ends the program.
package final class SpoolFile {
    /// Bytes written so far.
    package private(set) var count = 0

    private let descriptor: Int32
    /// What messages call it: the output that the data are for.
    private let output: String
    private var buffer: [UInt8] = []

    private static let bufferSize = 1 << 16

    /// Makes the file in the folder of `output`, where there has to be room for the data anyway.
    /// - Throws: `FileError`.
    package init(for output: String) throws {
        try FileError.checkPath(output)
        let name = AtomicFile.temporaryName(beside: FilePath(output))
        descriptor = name.withPlatformString { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw FileError(output, "cannot be written", code: errno) }
        _ = name.withPlatformString { unlink($0) }
        self.output = output
    }

    deinit { close(descriptor) }

    /// Appends bytes.
    /// - Throws: `FileError`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count > Self.bufferSize {
            try emit(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
        count += bytes.count
    }

    /// Hands all bytes over, in pieces.
    /// - Throws: `FileError`.
    package func copy(to file: any ByteOutput) throws {
        try flush()
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw FileError(output, "cannot be written", code: errno)
        }
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var left = count
        while left > 0 {
            let read = piece.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else {
                throw FileError(output, "cannot be written", code: read < 0 ? errno : EIO)
            }
            try piece.withUnsafeBytes { try file.write(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
            left -= read
        }
    }

    private func flush() throws {
        try buffer.withUnsafeBytes { try emit($0) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func emit(_ bytes: UnsafeRawBufferPointer) throws {
        if let code = writeAll(bytes, to: descriptor) {
            throw FileError(output, "cannot be written", code: code)
        }
    }
}
