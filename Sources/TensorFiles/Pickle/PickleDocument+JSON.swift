extension PickleDocument {
    /// A configuration as a JSON value: dictionaries and namespaces as objects, lists, tuples and sets as arrays,
    /// enum members and NumPy scalars as their values, omegaconf's containers and nodes as what they hold.
    /// Anything else becomes an empty object, which no field accepts.
    ///
    /// - Parameter limit: values to visit, at most; more than one way may lead to the same.
    /// - Throws: `PickleError` where there are more, or more than 64 levels of them.
    package func json(_ value: PickleValue, limit: Int = 200_000) throws -> JSONValue {
        var conversion = PickleConversion(document: self, left: limit)
        return try conversion.json(value, level: 0)
    }
}

private struct PickleConversion {
    let document: PickleDocument
    var left: Int

    private static let unknown = JSONValue.object(JSONObject())

    mutating func json(_ value: PickleValue, level: Int) throws -> JSONValue {
        left -= 1
        guard left >= 0, level < 64 else {
            throw PickleError.refused("its configuration is nested too deeply or refers to itself")
        }
        switch value {
        case .none: return .null
        case .boolean(let boolean): return .boolean(boolean)
        case .integer(let integer): return .integer(integer)
        case .number(let number): return .number(number)
        case .text(let text): return .string(text)
        case .largeInteger, .bytes, .global: return Self.unknown
        case .object:
            guard let object = document.object(value) else { return Self.unknown }
            switch object.kind {
            case .list, .tuple, .set: return try array(object.elements, level)
            case .dictionary: return try self.object(object.entries, level)
            case .instance: return try instance(value, object, level)
            case .persistent: return Self.unknown
            }
        }
    }

    private mutating func array(_ values: [PickleValue], _ level: Int) throws -> JSONValue {
        .array(try values.map { try json($0, level: level + 1) })
    }

    private mutating func object(
        _ entries: [(key: PickleValue, value: PickleValue)], _ level: Int
    ) throws -> JSONValue {
        var fields = JSONObject()
        for (key, value) in entries {
            guard case .text(let name) = key else { continue }
            fields[name] = try json(value, level: level + 1)
        }
        return .object(fields)
    }

    private mutating func instance(
        _ value: PickleValue, _ object: PickleObject, _ level: Int
    ) throws -> JSONValue {
        if let entries = document.entries(value) { return try self.object(entries, level) }
        if let attributes = document.entries(object.state) {
            // omegaconf: a node has a value; a container has content, and a parent that would lead back.
            for name in ["_val", "_content"] {
                if let held = attributes.last(where: { $0.key == .text(name) }) {
                    return try json(held.value, level: level + 1)
                }
            }
            return try self.object(attributes, level)
        }
        if !object.elements.isEmpty { return try array(object.elements, level) }
        guard let arguments = document.elements(object.arguments) else { return Self.unknown }
        if object.type.hasPrefix("numpy."), object.type.hasSuffix(".multiarray.scalar") {
            return document.numpyScalar(arguments) ?? Self.unknown
        }
        if object.type.hasSuffix(".getattr"), arguments.count == 2, case .text(let member) = arguments[1] {
            // An enum's member by its name, as some versions of Python write it.
            return .string(member)
        }
        // An enum's member by its value; a path, a device, a size.
        guard arguments.count == 1 else { return Self.unknown }
        return try json(arguments[0], level: level + 1)
    }
}

extension PickleDocument {
    /// `numpy.core.multiarray.scalar(dtype, bytes)`.
    fileprivate func numpyScalar(_ arguments: [PickleValue]) -> JSONValue? {
        guard arguments.count == 2, let dtype = object(arguments[0]),
            case .text(let code)? = elements(dtype.arguments)?.first, let bytes = rawBytes(arguments[1])
        else { return nil }
        let isBig = elements(dtype.state)?.dropFirst().first == .text(">")
        var bits: UInt64 = 0
        guard bytes.count <= 8 else { return nil }
        for byte in isBig ? bytes : bytes.reversed() { bits = bits << 8 | UInt64(byte) }
        switch (code, bytes.count) {
        case ("b1", 1): return .boolean(bits != 0)
        case ("f8", 8): return .number(Double(bitPattern: bits))
        case ("f4", 4): return .number(Double(Float(bitPattern: UInt32(bits))))
        case ("f2", 2): return .number(Double(Float16(bitPattern: UInt16(bits))))
        case ("i8", 8): return .integer(Int(Int64(bitPattern: bits)))
        case ("i4", 4): return .integer(Int(Int32(truncatingIfNeeded: bits)))
        case ("i2", 2): return .integer(Int(Int16(truncatingIfNeeded: bits)))
        case ("i1", 1): return .integer(Int(Int8(truncatingIfNeeded: bits)))
        case ("u1", 1), ("u2", 2), ("u4", 4), ("u8", 8): return Int(exactly: bits).map { .integer($0) }
        default: return nil
        }
    }

    /// Bytes, or `_codecs.encode(text, "latin1")`, which is how protocol 2 writes them.
    private func rawBytes(_ value: PickleValue) -> [UInt8]? {
        if case .bytes(let bytes) = value { return bytes }
        guard let object = object(value), object.type == "_codecs.encode",
            case .text(let text)? = elements(object.arguments)?.first
        else { return nil }
        let scalars = text.unicodeScalars
        return scalars.allSatisfy { $0.value < 256 } ? scalars.map { UInt8($0.value) } : nil
    }
}
