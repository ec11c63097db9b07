import Files

/// Writes a safetensors file whose tensors come one by one, in bounded memory.
///
/// The format begins with a header that knows all tensors. So their data wait in a nameless file beside the
/// output until the end. Data go by falling element size, so that every tensor is aligned to its elements
/// (PyTorch cannot read others), and in the order in which they came.
package final class SafetensorsStream {
    private let path: String
    /// Begun at once, to notice an output that cannot be written.
    private let file: any ByteOutput
    /// Tensors and data by element size.
    private var parts: [Int: Part] = [:]

    private struct Part {
        let data: SpoolFile
        var tensors: [(name: String, dtype: SafetensorsType, shape: [Int])] = []
    }

    /// A file that appears when it is committed.
    /// - Throws: `FileError` where the file cannot be written.
    package convenience init(path: String) throws {
        self.init(try AtomicFile(path: path), path: path)
    }

    /// - Parameter path: the file's name, beside which data wait.
    package init(_ file: any ByteOutput, path: String) { (self.file, self.path) = (file, path) }

    /// - Throws: `FileError`, or `SafetensorsError` where the bytes do not fill the shape.
    package func add(
        _ name: String, _ dtype: SafetensorsType, shape: [Int], _ bytes: UnsafeRawBufferPointer
    ) throws {
        guard let needed = dtype.byteCount(shape: shape) else {
            throw SafetensorsError.wrongShape(path: path, tensor: name, shape: shape)
        }
        guard needed == bytes.count else {
            throw SafetensorsError.wrongByteCount(
                path: path, tensor: name, shape: shape, given: bytes.count, needed: needed)
        }
        var part = try parts.removeValue(forKey: dtype.size) ?? Part(data: SpoolFile(for: path))
        try part.data.write(bytes)
        part.tensors.append((name, dtype, shape))
        parts[dtype.size] = part
    }

    /// Writes header and data, and makes the file final.
    /// - Throws: `FileError`, or `SafetensorsError` for a name used twice or a header that is too long.
    package func commit(metadata: [String: String]) throws {
        let ordered = parts.sorted { $0.key > $1.key }.map(\.value)
        var header = try SafetensorsHeaderText(path: path, metadata: metadata)
        for tensor in ordered.flatMap(\.tensors) {
            try header.add(tensor.name, tensor.dtype, shape: tensor.shape)
        }
        try file.write(header.finished())
        for part in ordered { try part.data.copy(to: file) }
        try file.commit()
    }

    /// How names have to be for a file of tensors: its header has a key of its own, and a largest size.
    /// - Throws: `OutputError` where so many names give a header that is too long.
    package static func check(_ recordings: [RecordingName], endings: [String]) throws {
        var rule = NameRule(format: "safetensors", endings: endings, needsText: true)
        rule.problem = { $0 == ByteString(SafetensorsHeader.metadataKey) ? "means something else" : nil }
        try rule.check(recordings)
        // At least `"":{"dtype":"I16","shape":[1],"data_offsets":[0,2]},` and the name for each tensor.
        let header = recordings.reduce(0) { sum, recording in
            endings.reduce(sum) { $0 + 51 + recording.name.bytes.count + $1.utf8.count }
        }
        guard header <= SafetensorsHeader.longest else {
            throw OutputError.tooManyRecordings(
                recordings.count, longestHeader: SafetensorsHeader.longest)
        }
    }
}
