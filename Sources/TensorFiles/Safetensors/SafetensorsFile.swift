import Files

/// A safetensors file: opening one reads its header only.
///
/// The header is checked whole before anything is read, so that no file can make an access go wrong. Tensors are
/// copied out of the file, never mapped: one that another program shortens meanwhile is an error.
public struct SafetensorsFile: Sendable {
    /// Where a tensor lies and what it holds.
    public struct Entry: Equatable, Sendable {
        public let dtype: SafetensorsType
        public let shape: [Int]
        /// Position in the file.
        package let bytes: Range<Int>

        /// Number of elements.
        public var count: Int { bytes.count / dtype.size }
    }

    public let path: String
    private let file: InputFile
    private let header: SafetensorsHeader

    /// Tensors, in the order of their data.
    public var names: [String] { header.names }

    /// The strings that the writer left beside the tensors.
    public var metadata: [String: String] { header.metadata }

    /// - Throws: `FileError` where the file cannot be read, `SafetensorsError` that says what is wrong with it.
    public init(path: String) throws {
        self.path = path
        file = try InputFile(path: path)
        do {
            header = try SafetensorsHeader(file)
        } catch let problem as SafetensorsProblem {
            throw SafetensorsError.unreadable(path: path, problem)
        }
    }

    /// Begins to compute the SHA-256 of the file that was opened.
    public func hash() -> FileHash { FileHash(of: file) }

    public func contains(_ name: String) -> Bool { header.entries[ByteString(name)] != nil }

    /// - Throws: `SafetensorsError` when there is no such tensor.
    public func entry(_ name: String) throws -> Entry {
        guard let entry = header.entries[ByteString(name)] else {
            throw SafetensorsError.missing(path: path, tensor: name)
        }
        return entry
    }

    /// Whether damage to any tensor would be noticed.
    public var hasChecksums: Bool { header.checksums != nil }

    /// Whether a library of Hugging Face's has saved the file again, with values that may be others.
    public var isSavedAgain: Bool { SafetensorsChecksums.isSavedAgain(metadata) }

    /// Reads all tensors, for damage that a use of some would not meet.
    /// - Throws: `FileError`; `SafetensorsError` that names a tensor whose bytes are not those that were written.
    public func check() throws {
        guard hasChecksums else { return }
        var piece = [UInt8](repeating: 0, count: Self.piece)
        for name in names {
            let entry = try entry(name)
            try piece.withUnsafeMutableBytes { try read(name, entry, through: $0) { _, _ in } }
        }
    }

    /// Copies a tensor's bytes, as they are in the file.
    /// - Throws: `FileError`; `SafetensorsError` where they are not those that were written.
    func read(_ name: String, _ entry: Entry, into target: UnsafeMutableRawBufferPointer) throws {
        var sum = Checksum(of: name, header.checksums)
        // A piece is still in the cache when it is added up.
        for start in stride(from: 0, to: target.count, by: Self.piece) {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: target[start..<min(start + Self.piece, target.count)])
            try file.read(at: entry.bytes.lowerBound + start, into: piece)
            sum.add(UnsafeRawBufferPointer(piece))
        }
        guard sum.isRight else { throw SafetensorsError.damaged(path: path, tensor: name) }
    }

    /// Hands over a tensor's bytes piece by piece, each with its place in the tensor.
    /// - Throws: as above, and what `body` throws.
    func read(
        _ name: String, _ entry: Entry, through piece: UnsafeMutableRawBufferPointer,
        _ body: (UnsafeRawBufferPointer, Int) throws -> Void
    ) throws {
        var sum = Checksum(of: name, header.checksums)
        for start in stride(from: 0, to: entry.bytes.count, by: piece.count) {
            let bytes = UnsafeMutableRawBufferPointer(
                rebasing: piece[..<min(piece.count, entry.bytes.count - start)])
            try file.read(at: entry.bytes.lowerBound + start, into: bytes)
            sum.add(UnsafeRawBufferPointer(bytes))
            try body(UnsafeRawBufferPointer(bytes), start)
        }
        guard sum.isRight else { throw SafetensorsError.damaged(path: path, tensor: name) }
    }

    /// Bytes that are read at a time.
    static let piece = 1 << 18

    /// The sum of a tensor as it is read, beside that of the file.
    private struct Checksum {
        private let wanted: UInt32?
        private var sum: UInt32 = 0

        init(of name: String, _ checksums: SafetensorsChecksums?) {
            wanted = checksums?.tensors[ByteString(name)]
        }

        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            if wanted != nil { sum = SafetensorsChecksums.sum(sum, bytes) }
        }

        var isRight: Bool { wanted == nil || wanted == sum }
    }
}
