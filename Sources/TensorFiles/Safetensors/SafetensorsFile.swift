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

    /// Copies bytes of a tensor, as they are in the file.
    /// - Parameter offset: of the first, within the tensor.
    /// - Throws: `FileError`.
    func read(_ entry: Entry, at offset: Int = 0, into target: UnsafeMutableRawBufferPointer) throws {
        try file.read(at: entry.bytes.lowerBound + offset, into: target)
    }
}
