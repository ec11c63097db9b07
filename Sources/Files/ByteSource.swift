/// Bytes of which any run can be copied out: a file, or memory.
///
/// Files are read by system calls and never mapped, so that one that another program shortens, or a disk that fails, is an
/// error and not the end of the process.
package protocol ByteSource {
    var count: Int { get }

    /// The bytes of a range that lies within.
    /// - Throws: `FileError`.
    func bytes(_ range: Range<Int>) throws -> [UInt8]
}

extension InputFile: ByteSource {}

extension [UInt8]: ByteSource {
    package func bytes(_ range: Range<Int>) -> [UInt8] { Array(self[range]) }
}

extension ByteSource {
    /// Reads what there is of a range, and hands over a cursor to it whose positions are those of the whole.
    /// - Throws: `FileError`, and what `body` throws.
    package func withCursor<Result>(
        _ range: Range<Int>, _ body: (inout ByteCursor) throws -> Result
    ) throws -> Result {
        let range = range.clamped(to: 0..<count)
        return try bytes(range).withUnsafeBytes {
            var cursor = ByteCursor($0, origin: range.lowerBound)
            return try body(&cursor)
        }
    }
}
