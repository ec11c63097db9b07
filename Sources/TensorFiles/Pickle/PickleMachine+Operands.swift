import Files

/// Operands: what follows an opcode.
extension PickleMachine {
    mutating func bytes(_ count: some BinaryInteger) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= PickleLimits.text else {
            throw PickleError.misstep("\(count) bytes of text")
        }
        return try cursor.take(count)
    }

    mutating func text(_ count: some BinaryInteger) throws -> PickleValue {
        .text(String(decoding: try bytes(count), as: UTF8.self))
    }

    mutating func long(_ count: some BinaryInteger) throws -> PickleValue {
        let bytes = try bytes(count)
        guard bytes.count <= 8 else { return .largeInteger(Array(bytes)) }
        var value: UInt64 = (bytes.last ?? 0) >= 0x80 ? .max : 0
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return .integer(Int(Int64(bitPattern: value)))
    }

    mutating func line() throws -> String {
        String(decoding: try cursor.line(longest: PickleLimits.name), as: UTF8.self)
    }

    func global(_ module: String, _ name: String) throws -> PickleValue {
        .global(module + "." + name)
    }
}
