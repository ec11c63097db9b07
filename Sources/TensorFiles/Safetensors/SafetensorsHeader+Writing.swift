import Files

/// The header of a file that is being written, tensor by tensor in the order of their data.
package struct SafetensorsHeaderText {
    private let path: String
    private var object = JSONObjectText()
    private var names: Set = [ByteString(SafetensorsHeader.metadataKey)]
    /// Bytes of all tensors so far.
    private var offset = 0

    /// - Parameter path: of the file, for messages.
    package init(path: String, metadata: [String: String]) throws {
        self.path = path
        guard !metadata.isEmpty else { return }
        let strings = JSONObject(metadata.mapValues { .string($0) })
        try object.add(SafetensorsHeader.metadataKey, JSONValue.object(strings))
    }

    /// What the header says of a tensor, under the keys of the format.
    private struct Entry: Encodable {
        let dtype: String
        let shape: [Int]
        let offsets: [Int]

        private enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    /// - Returns: the bytes of the tensor.
    /// - Throws: `SafetensorsError` for a name used twice and for a shape that cannot be.
    @discardableResult
    package mutating func add(_ name: String, _ dtype: SafetensorsType, shape: [Int]) throws -> Int {
        guard names.insert(ByteString(name)).inserted else {
            throw SafetensorsError.nameTaken(path: path, tensor: name)
        }
        guard let byteCount = dtype.byteCount(shape: shape), byteCount <= Int.max - offset else {
            throw SafetensorsError.wrongShape(path: path, tensor: name, shape: shape)
        }
        try object.add(
            name, Entry(dtype: dtype.rawValue, shape: shape, offsets: [offset, offset + byteCount]))
        offset += byteCount
        return byteCount
    }

    /// Its length and the header, padded with spaces so that the data begin at a multiple of 8.
    /// - Throws: `SafetensorsError` for a header that no program would read.
    package consuming func finished() throws -> [UInt8] {
        object.finish()
        var text = object.text
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        guard text.count <= SafetensorsHeader.longest else {
            throw SafetensorsError.longHeader(path: path, byteCount: text.count)
        }
        var bytes: [UInt8] = []
        bytes.append(little: UInt64(text.count))
        return bytes + text
    }
}
