import Files

/// What the header of a safetensors file says, checked against the length of the file.
///
/// The format: a little-endian 64-bit length, a JSON object of that length
/// `{"name": {"dtype", "shape", "data_offsets": [begin, end]}, …, "__metadata__": {string: string}}`, then
/// the data, which the tensors cover without gap or overlap.
package struct SafetensorsHeader {
    /// Of tensors in the order of their data.
    private(set) var names: [String] = []
    /// By their names' bytes: strings of Swift are equal where Unicode takes them for the same text.
    private(set) var entries: [ByteString: SafetensorsFile.Entry] = [:]
    private(set) var metadata: [String: String] = [:]
    /// Of files that have them.
    private(set) var checksums: SafetensorsChecksums?

    /// The limit of the format's own library.
    package static let longest = 100_000_000
    package static let metadataKey = "__metadata__"

    /// - Throws: `SafetensorsProblem`, or `FileError`.
    package init(_ file: InputFile) throws {
        guard file.count >= 8 else { throw SafetensorsProblem.tooShort }
        let length = try file.bytes(0..<8).withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
        }
        guard length <= UInt64(Self.longest) else {
            throw SafetensorsProblem.notSafetensors(headerBytes: length)
        }
        let dataStart = 8 + Int(length)
        guard dataStart <= file.count else {
            throw SafetensorsProblem.truncated(part: "header needs", needed: dataStart, actual: file.count)
        }
        let json: JSONValue
        do {
            json = try file.bytes(8..<dataStart).withUnsafeBytes { try JSONValue(parsing: $0) }
        } catch let error as JSONError {
            throw SafetensorsProblem.notJSON(error)
        }
        guard case .object(let object) = json else {
            throw SafetensorsProblem.damagedHeader("it is not a JSON object")
        }
        for (name, value) in object {
            if name == Self.metadataKey {
                metadata = try Self.metadata(value)
            } else {
                entries[ByteString(name)] = try Self.entry(name, value, dataStart: dataStart)
            }
        }
        names = try Self.dataOrder(entries, dataStart: dataStart, fileLength: file.count)
        checksums = try SafetensorsChecksums(metadata: metadata, entries: entries)
    }

    private static func metadata(_ value: JSONValue) throws -> [String: String] {
        guard case .object(let pairs) = value else {
            throw SafetensorsProblem.damagedHeader("\(metadataKey) is not an object")
        }
        return try pairs.reduce(into: [:]) { metadata, pair in
            guard case .string(let text) = pair.value else {
                throw SafetensorsProblem.damagedHeader("\(metadataKey) holds more than strings")
            }
            metadata[pair.key] = text
        }
    }

    private static func entry(
        _ name: String, _ value: JSONValue, dataStart: Int
    ) throws -> SafetensorsFile.Entry {
        guard case .object(let fields) = value, case .string(let typeName)? = fields["dtype"],
            let shape = integers(fields["shape"]), let offsets = integers(fields["data_offsets"]),
            offsets.count == 2
        else { throw SafetensorsProblem.damagedHeader("tensor \(quoted(name)) is not described") }
        guard let type = SafetensorsType(rawValue: typeName) else {
            throw SafetensorsProblem.unknownType(tensor: name, type: typeName)
        }
        let (begin, end) = (offsets[0], offsets[1])
        // Bounds first, so that the sums below cannot overflow.
        guard begin >= 0, end >= begin, end <= Int.max - dataStart else {
            throw SafetensorsProblem.damagedHeader("tensor \(quoted(name)) lies outside the file")
        }
        guard let byteCount = type.byteCount(shape: shape), byteCount == end - begin else {
            throw SafetensorsProblem.damagedHeader(
                "tensor \(quoted(name)) of type \(typeName) and shape \(shape.prefix(16)) "
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
        _ entries: [ByteString: SafetensorsFile.Entry], dataStart: Int, fileLength: Int
    ) throws -> [String] {
        let ordered = entries.sorted {
            let (a, b) = ($0.value.bytes, $1.value.bytes)
            return (a.lowerBound, a.upperBound, $0.key) < (b.lowerBound, b.upperBound, $1.key)
        }
        if let last = ordered.last?.value.bytes.upperBound, last > fileLength {
            throw SafetensorsProblem.truncated(part: "tensors need", needed: last, actual: fileLength)
        }
        var end = dataStart
        for (name, entry) in ordered {
            guard entry.bytes.lowerBound == end else {
                let problem = entry.bytes.lowerBound < end ? "overlaps another" : "follows a gap"
                throw SafetensorsProblem.damagedHeader("tensor \(quoted(name.description)) \(problem)")
            }
            end = entry.bytes.upperBound
        }
        guard end == fileLength else {
            throw SafetensorsProblem.remainder(fileLength - end)
        }
        return ordered.map(\.key.description)
    }
}
