import Crypto
import Foundation
import Synchronization

/// The SHA-256 of a file, computed on a background thread.
public final class FileHash: Sendable {
    public let path: String
    private let result = Mutex<Result<String, FileError>?>(nil)
    private let done = DispatchGroup()

    /// Opens the file and begins to read it.
    /// - Throws: `FileError` where it cannot be opened.
    public init(path: String) throws {
        self.path = path
        try FileError.checkPath(path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, "cannot be read", code: errno) }
        DispatchQueue.global(qos: .utility).async(group: done) { [self] in
            let hash = Self.hash(descriptor, path: path)
            close(descriptor)
            result.withLock { $0 = hash }
        }
    }

    /// 64 hexadecimal digits; waits until the file has been read.
    /// - Throws: `FileError` where it could not be read.
    public func value() throws -> String {
        done.wait()
        guard let result = result.withLock({ $0 }) else {
            throw FileError("\(path) was not read")
        }
        return try result.get()
    }

    private static func hash(_ descriptor: Int32, path: String) -> Result<String, FileError> {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                return .failure(FileError(path, "cannot be read", code: errno))
            }
            buffer.withUnsafeBytes {
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
        }
        let digits = hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return .success(digits.joined())
    }
}
