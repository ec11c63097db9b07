import CNettle
import Foundation
import Synchronization

/// The SHA-256 of a file, computed on a background thread, or by whoever needs it before that has begun.
public final class FileHash: Sendable {
    public let path: String
    private let files: [InputFile]
    private let result = Mutex<Result<String, any Error>?>(nil)

    /// Opens the file and begins to read it.
    /// - Throws: `FileError` where it cannot be opened.
    public convenience init(path: String) throws { self.init(of: try InputFile(path: path)) }

    /// Begins to read a file that is open, whatever has its name by now.
    package convenience init(of file: InputFile) { self.init(of: [file]) }

    /// The same of several files as if they were one.
    /// - Parameter files: at least one.
    package init(of files: [InputFile]) {
        precondition(!files.isEmpty, "a hash of no files")
        (path, self.files) = (files[0].path, files)
        DispatchQueue.global(qos: .utility).async { [self] in _ = try? value() }
    }

    /// 64 hexadecimal digits; waits until the file has been read.
    /// - Throws: `FileError` where it could not be read.
    public func value() throws -> String {
        try result.withLock { result in
            let hash = result ?? Result { try Self.hash(files) }
            result = hash
            return try hash.get()
        }
    }

    private static func hash(_ files: [InputFile]) throws -> String {
        var context = sha256_ctx()
        vq_sha256_init(&context)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        for file in files {
            var offset = 0
            while offset < file.count {
                let count = min(buffer.count, file.count - offset)
                try buffer.withUnsafeMutableBytes {
                    try file.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<count]))
                }
                offset += count
                vq_sha256_update(&context, count, buffer)
            }
        }
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
        vq_sha256_digest(&context, &digest)
        let digits = digest.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return digits.joined()
    }
}
