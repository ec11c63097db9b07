import Files

/// A safetensors file, memory-mapped: opening one reads its header only.
///
/// The header is checked whole before anything is read, so that no file can make an access go wrong.
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
    private let file: MappedFile
    private let header: SafetensorsHeader

    /// Tensors, in the order of their data.
    public var names: [String] { header.names }

    /// The strings that the writer left beside the tensors.
    public var metadata: [String: String] { header.metadata }

    /// - Throws: `SafetensorsError` that names the file and says what is wrong with it.
    public init(path: String) throws {
        self.path = path
        do {
            file = try MappedFile(path: path)
        } catch let error as FileError {
            throw SafetensorsError(error.description)
        }
        do {
            header = try SafetensorsHeader(file: file.bytes)
        } catch let error as SafetensorsError {
            throw SafetensorsError("\(path) \(error); use a complete file")
        }
    }

    /// Begins to compute the SHA-256 of the file that was opened.
    public func hash() -> FileHash { FileHash(of: file) }

    public func contains(_ name: String) -> Bool { header.entries[name] != nil }

    /// - Throws: `SafetensorsError` when there is no such tensor.
    public func entry(_ name: String) throws -> Entry {
        guard let entry = header.entries[name] else {
            throw SafetensorsError("\(path) has no tensor \(quoted(name))")
        }
        return entry
    }

    /// Hands over the bytes of a tensor, as they are in the file.
    /// - Throws: `SafetensorsError` when there is no such tensor; what `body` throws.
    public func withUnsafeBytes<Result>(
        _ name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let range = try entry(name).bytes
        return try withExtendedLifetime(file) {
            try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
        }
    }
}
