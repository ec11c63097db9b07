import Files

/// The header of a file that is being written, tensor by tensor in the order of their data.
package struct SafetensorsHeaderText {
    private let path: String
    private var text = Array("{".utf8)
    private var names: Set = [ByteString(SafetensorsHeader.metadataKey)]
    /// Bytes of all tensors so far.
    private var offset = 0

    /// - Parameter path: of the file, for messages.
    package init(path: String, metadata: [String: String]) {
        self.path = path
        guard !metadata.isEmpty else { return }
        text.append(json: SafetensorsHeader.metadataKey)
        text.append(contentsOf: ":{".utf8)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            text.append(json: key)
            text.append(UInt8(ascii: ":"))
            text.append(json: value)
            text.append(UInt8(ascii: ","))
        }
        text.removeLast()
        text.append(contentsOf: "},".utf8)
    }

    /// - Returns: the bytes of the tensor.
    /// - Throws: `SafetensorsError` for a name used twice and for a shape that cannot be.
    @discardableResult
    package mutating func add(_ name: String, _ dtype: SafetensorsType, shape: [Int]) throws -> Int {
        guard names.insert(ByteString(name)).inserted else {
            throw SafetensorsError("\(path) is not written: the name \(quoted(name)) is taken twice")
        }
        guard let byteCount = dtype.byteCount(shape: shape), byteCount <= Int.max - offset else {
            throw SafetensorsError(
                "\(path) is not written: tensor \(quoted(name)) cannot have the shape \(shape)")
        }
        text.append(json: name)
        let dimensions = shape.map(String.init).joined(separator: ",")
        text.append(
            contentsOf: (":{\"dtype\":\"\(dtype.rawValue)\",\"shape\":[\(dimensions)],"
                + "\"data_offsets\":[\(offset),\(offset + byteCount)]},").utf8)
        offset += byteCount
        return byteCount
    }

    /// Its length and the header, padded with spaces so that the data begin at a multiple of 8.
    /// - Throws: `SafetensorsError` for a header that no program would read.
    package consuming func finished() throws -> [UInt8] {
        if text.count > 1 { text.removeLast() }
        text.append(UInt8(ascii: "}"))
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        guard text.count <= SafetensorsHeader.longest else {
            throw SafetensorsError("\(path) is not written: its header of \(text.count) bytes is too long")
        }
        var bytes: [UInt8] = []
        bytes.append(little: UInt64(text.count))
        return bytes + text
    }
}
