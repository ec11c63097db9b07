import Foundation
import SystemPackage

/// A file without a name, for data that can only be placed when all are known. It is gone when it is closed,
/// whatever ends the program.
package final class SpoolFile {
    /// Bytes written so far.
    package private(set) var count = 0

    private let file: TemporaryFile
    /// What messages call it: the output that the data are for.
    private let output: String
    private var buffer = WriteBuffer()

    /// Makes the file in the folder of `output`, where there has to be room for the data anyway.
    /// - Throws: `FileError`.
    package init(for output: String) throws {
        try FileError.checkPath(output)
        guard let file = TemporaryFile(in: TemporaryFile.folder(of: FilePath(output)), permissions: 0o600)
        else {
            throw FileError(output, "cannot be written", code: errno)
        }
        file.forgetName()
        (self.file, self.output) = (file, output)
    }

    /// Appends bytes.
    /// - Throws: `FileError`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try check(buffer.write(bytes, to: file.descriptor))
        count += bytes.count
    }

    /// Hands all bytes over, in pieces.
    /// - Throws: `FileError`.
    package func copy(to target: any ByteOutput) throws {
        try check(buffer.flush(to: file.descriptor))
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var position = 0
        while position < count {
            let read = piece.withUnsafeMutableBytes { piece in
                uninterrupted { pread(file.descriptor, piece.baseAddress, piece.count, off_t(position)) }
            }
            guard read > 0 else { return try check(read < 0 ? errno : EIO) }
            try piece.withUnsafeBytes { try target.write(UnsafeRawBufferPointer(rebasing: $0[..<read])) }
            position += read
        }
    }

    /// Copies bytes from a position on, as many as there is room for.
    /// - Throws: `FileError`.
    package func read(at position: Int, into target: UnsafeMutableRawBufferPointer) throws {
        try check(buffer.flush(to: file.descriptor))
        var (target, position) = (UnsafeMutableRawBufferPointer(rebasing: target[...]), position)
        while !target.isEmpty {
            let read = uninterrupted {
                pread(file.descriptor, target.baseAddress, target.count, off_t(position))
            }
            guard read > 0 else { return try check(read < 0 ? errno : EIO) }
            target = UnsafeMutableRawBufferPointer(rebasing: target[read...])
            position += read
        }
    }

    private func check(_ code: Int32?) throws {
        if let code { throw FileError(output, "cannot be written", code: code) }
    }
}
