import Foundation

/// Where formats write their bytes: a file that appears when it is whole, or standard output.
public protocol ByteOutput: AnyObject {
    /// - Throws: `FileError`; `ReaderGone` for a pipe that nobody reads any more.
    func write(_ bytes: UnsafeRawBufferPointer) throws

    /// Makes everything that was written final. Nothing can be written afterwards.
    /// - Throws: `FileError`; `ReaderGone` for a pipe that nobody reads any more.
    func commit() throws
}

extension ByteOutput {
    /// - Throws: `FileError`; `ReaderGone` for a pipe that nobody reads any more.
    public func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// - Throws: `FileError`; `ReaderGone` for a pipe that nobody reads any more.
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }
}

/// Standard output, unbuffered: a reader at the other end of a pipe sees each write at once.
public final class StandardOutput: ByteOutput {
    public init() {}

    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let code = writeAll(bytes, to: STDOUT_FILENO) else { return }
        if code == EPIPE { throw ReaderGone() }
        throw FileError("standard output", "cannot be written", code: code)
    }

    public func commit() throws {}

    public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a name that a user gives an output means standard output.
    public static func isMeant(by path: String) -> Bool {
        path == "-" || path == "/dev/stdout" || path == "/dev/fd/1" || path == "/proc/self/fd/1"
    }
}

/// Whoever read the output has stopped, as `head` does: no fault, and nothing to be said.
public struct ReaderGone: Error {
    public init() {}
}

/// Writes every byte, however many calls that takes.
/// - Returns: nil, or the `errno` of the call that failed.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = Foundation.write(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written > 0 {
            rest = rest.dropFirst(written)
        } else if written == 0 {
            return EIO
        } else if errno != EINTR {
            return errno
        }
    }
    return nil
}
