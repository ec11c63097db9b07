/// A tensor to be written: its description, and a provider of its bytes that is called when its turn comes.
public struct SafetensorsTensor {
    /// Hands over the elements, row-major and little-endian, in as many pieces as it likes.
    public typealias Provider = (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    public let name: String
    public let dtype: SafetensorsType
    public let shape: [Int]
    let provider: Provider

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
    /// - Throws: `FileError` when the file cannot be written, `SafetensorsError` for a name used twice and for
    ///   a provider whose bytes do not fill the shape, and what a provider throws.
    public static func write(
        _ path: String, tensors: [SafetensorsTensor], metadata: [String: String] = [:]
    ) throws {
        let ordered = tensors.sorted { ($1.dtype.size, $0.name) < ($0.dtype.size, $1.name) }
        let (header, byteCounts) = try header(ordered, metadata, path: path)
        let file = try AtomicFile(path: path)
        try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.write($0) }
        try file.write(header)
        for (tensor, byteCount) in zip(ordered, byteCounts) {
            var missing = byteCount
            try tensor.provider { bytes in
                missing -= bytes.count
                if missing >= 0 { try file.write(bytes) }
            }
            guard missing == 0 else {
                throw SafetensorsError(
                    "\(path) is not written: tensor \(quoted(tensor.name)) of shape \(tensor.shape) got "
                        + "\(byteCount - missing) bytes instead of \(byteCount)")
            }
        }
        try file.commit()
    }

    /// The JSON header, padded with spaces so that the data begin at a multiple of 8.
    private static func header(
        _ tensors: [SafetensorsTensor], _ metadata: [String: String], path: String
    ) throws -> (header: [UInt8], byteCounts: [Int]) {
        var header = Array("{".utf8)
        var names: Set = [SafetensorsHeader.metadataKey]
        if !metadata.isEmpty {
            header.append(json: SafetensorsHeader.metadataKey)
            header.append(contentsOf: ":{".utf8)
            for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
                header.append(json: key)
                header.append(UInt8(ascii: ":"))
                header.append(json: value)
                header.append(UInt8(ascii: ","))
            }
            header.removeLast()
            header.append(contentsOf: "},".utf8)
        }
        var (offset, byteCounts) = (0, [Int]())
        for tensor in tensors {
            guard names.insert(tensor.name).inserted else {
                throw SafetensorsError(
                    "\(path) is not written: the name \(quoted(tensor.name)) is taken twice")
            }
            guard let byteCount = tensor.dtype.byteCount(shape: tensor.shape), byteCount <= Int.max - offset
            else {
                throw SafetensorsError(
                    "\(path) is not written: tensor \(quoted(tensor.name)) cannot have the shape \(tensor.shape)"
                )
            }
            header.append(json: tensor.name)
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            header.append(
                contentsOf: (":{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(offset + byteCount)]},").utf8)
            offset += byteCount
            byteCounts.append(byteCount)
        }
        if header.count > 1 { header.removeLast() }
        header.append(UInt8(ascii: "}"))
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        guard header.count <= SafetensorsHeader.longest else {
            throw SafetensorsError("\(path) is not written: its header of \(header.count) bytes is too long")
        }
        return (header, byteCounts)
    }
}
