import Files

/// A tensor to be written: its description, and a provider of its bytes that is called when its turn comes.
public struct SafetensorsTensor {
    /// Hands over the elements, row-major and little-endian, in as many pieces as it likes.
    public typealias Provider = (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    public let name: String
    public let dtype: SafetensorsType
    public let shape: [Int]
    package let provider: Provider

    public init(name: String, dtype: SafetensorsType, shape: [Int], provider: @escaping Provider) {
        (self.name, self.dtype, self.shape, self.provider) = (name, dtype, shape, provider)
    }

    public init(name: String, shape: [Int], floats: [Float]) {
        self.init(name: name, dtype: .float32, shape: shape) { emit in try floats.withUnsafeBytes(emit) }
    }

    public init(name: String, shape: [Int], integers: [Int64]) {
        self.init(name: name, dtype: .int64, shape: shape) { emit in try integers.withUnsafeBytes(emit) }
    }
}

public enum SafetensorsWriter {
    /// Writes a safetensors file: whole or not at all.
    ///
    /// The bytes depend on the content alone, not on the order of `tensors`: the data go by falling element
    /// size and then by name, so that every tensor is aligned to its elements. No tensor is copied.
    /// - Parameter checksums: puts sums beside the metadata by which readers of ours notice damage. Then every provider
    ///   is called twice.
    /// - Parameter followsLinks: see `AtomicFile`.
    /// - Throws: `FileError` when the file cannot be written, `SafetensorsError` for a name used twice and for
    ///   a provider whose bytes do not fill the shape, and what a provider throws.
    public static func write(
        _ path: String, tensors: [SafetensorsTensor], metadata: [String: String] = [:],
        checksums: Bool = false, followsLinks: Bool = true
    ) throws {
        let file = try begin(
            path, tensors: tensors, metadata: metadata, checksums: checksums, followsLinks: followsLinks)
        try file.commit()
    }

    /// Writes a safetensors file that appears with others, by its `commit()`.
    /// - Throws: as `write`.
    package static func begin(
        _ path: String, tensors: [SafetensorsTensor], metadata: [String: String] = [:],
        checksums: Bool = false, followsLinks: Bool = true
    ) throws -> AtomicFile {
        let ordered = tensors.sorted { ($1.dtype.size, $0.name) < ($0.dtype.size, $1.name) }
        var metadata = metadata
        if checksums {
            let sums = try ordered.map { tensor -> SafetensorsChecksums.Tensor in
                var sum: UInt32 = 0
                try tensor.provider { sum = SafetensorsChecksums.sum(sum, $0) }
                return (ByteString(tensor.name), tensor.dtype, tensor.shape, sum)
            }
            metadata[SafetensorsChecksums.key] = SafetensorsChecksums(metadata: metadata, tensors: sums).text
        }
        var header = try SafetensorsHeaderText(path: path, metadata: metadata)
        let byteCounts = try ordered.map { try header.add($0.name, $0.dtype, shape: $0.shape) }
        let start = try header.finished()
        let file = try AtomicFile(path: path, followsLinks: followsLinks)
        try file.write(start)
        for (tensor, byteCount) in zip(ordered, byteCounts) {
            var missing = byteCount
            try tensor.provider { bytes in
                missing -= bytes.count
                if missing >= 0 { try file.write(bytes) }
            }
            guard missing == 0 else {
                throw SafetensorsError.wrongByteCount(
                    path: path, tensor: tensor.name, shape: tensor.shape, given: byteCount - missing,
                    needed: byteCount)
            }
        }
        return file
    }
}
