import Files

/// A Kaldi archive in binary, whole in memory: matrices of single or double precision, and vectors of integers.
public struct ArkFile: Sendable {
    public enum Object: Equatable, Sendable {
        /// - Parameter values: [rows, columns], row-major.
        case matrix(rows: Int, columns: Int, values: [Float])
        case integers([Int32])
    }

    public let path: String
    private let bytes: [UInt8]
    /// Bytes of the archive.
    public var count: Int { bytes.count }

    /// - Throws: `FileError` where the archive cannot be read.
    public init(path: String) throws { try self.init(InputFile(path: path)) }

    /// - Throws: as above.
    package init(_ file: InputFile) throws {
        path = file.path
        bytes = try file.bytes(0..<file.count)
    }

    /// All objects, in their order, under their keys.
    /// - Throws: `FileError` that names the byte of what is none of these objects.
    public func entries() throws -> [(key: ByteString, object: Object)] {
        try bytes.withUnsafeBytes { bytes in
            var cursor = ByteCursor(bytes)
            var entries: [(key: ByteString, object: Object)] = []
            while cursor.left > 0 {
                let start = cursor.position
                guard let space = bytes[start...].firstIndex(of: UInt8(ascii: " ")) else {
                    throw damaged("no key", at: start)
                }
                let key = ByteString(try reading(start) { try cursor.take(space - start) })
                _ = try reading(start) { try cursor.take(1) }
                entries.append((key, try object(&cursor, bytes)))
            }
            return entries
        }
    }

    /// The object that begins at a byte, as an index says.
    /// - Throws: `FileError` where there is none of these.
    public func object(at offset: Int) throws -> Object {
        guard (0..<bytes.count).contains(offset) else { throw damaged("no object", at: offset) }
        return try bytes.withUnsafeBytes { bytes in
            var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[offset...]), origin: offset)
            return try object(&cursor, bytes)
        }
    }

    /// - Parameter bytes: of the whole archive.
    private func object(_ cursor: inout ByteCursor, _ bytes: UnsafeRawBufferPointer) throws -> Object {
        let start = cursor.position
        return try reading(start) {
            guard try cursor.take(2).elementsEqual([0, UInt8(ascii: "B")]) else {
                throw FileError.unusable(
                    path: path,
                    problem: "is a text archive at byte \(start); write a binary one (ark: for ark,t:)")
            }
            guard cursor.left > 0, bytes[cursor.position] != 4 else {
                return .integers(try sizedIntegers(&cursor))
            }
            let kind = String(decoding: try cursor.take(3), as: UTF8.self)
            guard kind == "FM " || kind == "DM " else {
                throw FileError.unusable(
                    path: path,
                    problem: "holds \(quoted(kind)) at byte \(start), neither a plain matrix nor a vector of "
                        + "integers; write it so (copy-feats --compress=false)")
            }
            let (rows, columns) = (try sizedInteger(&cursor), try sizedInteger(&cursor))
            let size = kind == "FM " ? 4 : 8
            // Two numbers of 32 bits can state more bytes than an integer holds.
            guard rows >= 0, columns >= 0, Int(rows) * Int(columns) <= cursor.left / size else {
                throw damaged("no matrix of \(rows) × \(columns)", at: start)
            }
            let count = Int(rows) * Int(columns)
            let data = try cursor.take(count * size)
            let values = (0..<count).map { index in
                size == 4
                    ? Float(bitPattern: data.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self))
                    : Float(
                        Double(bitPattern: data.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
            }
            return .matrix(rows: Int(rows), columns: Int(columns), values: values)
        }
    }

    /// An integer behind a byte with its size, as Kaldi writes it.
    private func sizedInteger(_ cursor: inout ByteCursor) throws -> Int32 {
        let place = cursor.position
        guard try cursor.integer(UInt8.self) == 4 else { throw damaged("no 32-bit integer", at: place) }
        return try cursor.integer(Int32.self)
    }

    private func sizedIntegers(_ cursor: inout ByteCursor) throws -> [Int32] {
        let count = try sizedInteger(&cursor)
        guard count >= 0, Int(count) * 5 <= cursor.left else {
            throw damaged("no vector of \(count) integers", at: cursor.position)
        }
        return try (0..<count).map { _ in try sizedInteger(&cursor) }
    }

    private func damaged(_ problem: String, at byte: Int) -> FileError {
        .unusable(path: path, problem: "is damaged: \(problem) at byte \(byte); write it anew")
    }

    private func reading<Result>(_ start: Int, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch is ByteCursorError { throw damaged("no whole object", at: start) }
    }
}
