import Files

/// What the header of a safetensors file says, checked against the length of the file.
///
/// The format: a little-endian 64-bit length, a JSON object of that length
/// `{"name": {"dtype", "shape", "data_offsets": [begin, end]}, …, "__metadata__": {string: string}}`, then
/// the data, which the tensors cover without gap or overlap.
package struct SafetensorsHeader {
    /// Of tensors in the order of their data.
    private(set) var names: [String] = []
    private(set) var entries: [String: SafetensorsFile.Entry] = [:]
    private(set) var metadata: [String: String] = [:]

    /// The limit of the format's own library.
    package static let longest = 100_000_000
    package static let metadataKey = "__metadata__"

    /// - Parameter file: all bytes of the file.
    /// - Throws: `SafetensorsError` without the name of the file.
    package init(file: UnsafeRawBufferPointer) throws {
        guard file.count >= 8 else { throw SafetensorsError("is too short for a safetensors file") }
        let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.longest) else {
            throw SafetensorsError("is not a safetensors file: its header would have \(length) bytes")
        }
        let dataStart = 8 + Int(length)
        guard dataStart <= file.count else {
            throw SafetensorsError(
                "is truncated: its header needs \(dataStart) bytes, the file has \(file.count)")
        }
        let json: JSONValue
        do {
            json = try JSONValue(parsing: UnsafeRawBufferPointer(rebasing: file[8..<dataStart]))
        } catch let error as JSONError {
            throw SafetensorsError("has a damaged header: \(error)")
        }
        guard case .object(let object) = json else {
            throw SafetensorsError("has a damaged header: it is not a JSON object")
        }
        for (name, value) in object {
            if name == Self.metadataKey {
                metadata = try Self.metadata(value)
            } else {
                entries[name] = try Self.entry(name, value, dataStart: dataStart)
            }
        }
        names = try Self.dataOrder(entries, dataStart: dataStart, fileLength: file.count)
    }

    private static func metadata(_ value: JSONValue) throws -> [String: String] {
        guard case .object(let pairs) = value else {
            throw SafetensorsError("has a damaged header: \(metadataKey) is not an object")
        }
        return try pairs.mapValues {
            guard case .string(let text) = $0 else {
                throw SafetensorsError("has a damaged header: \(metadataKey) holds more than strings")
            }
            return text
        }
    }

    private static func entry(
        _ name: String, _ value: JSONValue, dataStart: Int
    ) throws -> SafetensorsFile.Entry {
        guard case .object(let fields) = value, case .string(let typeName)? = fields["dtype"],
            let shape = integers(fields["shape"]), let offsets = integers(fields["data_offsets"]),
            offsets.count == 2
        else { throw SafetensorsError("has a damaged header: tensor \(quoted(name)) is not described") }
        guard let type = SafetensorsType(rawValue: typeName) else {
            throw SafetensorsError("cannot be read: tensor \(quoted(name)) has the type \(quoted(typeName))")
        }
        let (begin, end) = (offsets[0], offsets[1])
        // Bounds first, so that the sums below cannot overflow.
        guard begin >= 0, end >= begin, end <= Int.max - dataStart else {
            throw SafetensorsError("has a damaged header: tensor \(quoted(name)) lies outside the file")
        }
        guard let byteCount = type.byteCount(shape: shape), byteCount == end - begin else {
            throw SafetensorsError(
                "has a damaged header: tensor \(quoted(name)) of type \(typeName) and shape \(shape.prefix(16)) "
                    + "cannot have \(end - begin) bytes")
        }
        return SafetensorsFile.Entry(
            dtype: type, shape: shape, bytes: dataStart + begin..<dataStart + end)
    }

    private static func integers(_ value: JSONValue?) -> [Int]? {
        guard case .array(let values)? = value else { return nil }
        var integers: [Int] = []
        for value in values {
            guard case .integer(let integer) = value else { return nil }
            integers.append(integer)
        }
        return integers
    }

    /// Names by position, having checked that the tensors cover the data exactly.
    private static func dataOrder(
        _ entries: [String: SafetensorsFile.Entry], dataStart: Int, fileLength: Int
    ) throws -> [String] {
        let ordered = entries.sorted {
            let (a, b) = ($0.value.bytes, $1.value.bytes)
            return (a.lowerBound, a.upperBound, $0.key) < (b.lowerBound, b.upperBound, $1.key)
        }
        if let last = ordered.last?.value.bytes.upperBound, last > fileLength {
            throw SafetensorsError("is truncated: its tensors need \(last) bytes, the file has \(fileLength)")
        }
        var end = dataStart
        for (name, entry) in ordered {
            guard entry.bytes.lowerBound == end else {
                let problem = entry.bytes.lowerBound < end ? "overlaps another" : "follows a gap"
                throw SafetensorsError("has a damaged header: tensor \(quoted(name)) \(problem)")
            }
            end = entry.bytes.upperBound
        }
        guard end == fileLength else {
            throw SafetensorsError("is damaged: \(fileLength - end) bytes at its end belong to no tensor")
        }
        return ordered.map(\.key)
    }
}
