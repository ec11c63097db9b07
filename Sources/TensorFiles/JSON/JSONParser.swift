import Files

extension JSONValue {
    /// Reads one JSON document (RFC 8259) from bytes that need not be trusted.
    ///
    /// Foundation's decoder does not tell 1 from 1.0 and takes what RFC 8259 does not allow. This reader is
    /// stricter: UTF-8 only, no key twice in one object (two programs could read
    /// different values from one file), at most 64 levels deep.
    /// - Throws: `JSONError` with the offset of the byte that is wrong.
    public init(parsing bytes: UnsafeRawBufferPointer) throws {
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }

    /// - Throws: `JSONError` with the offset of the byte that is wrong.
    public init(parsing text: String) throws {
        self = try Array(text.utf8).withUnsafeBytes { try JSONValue(parsing: $0) }
    }
}

/// Recursive descent over a buffer; every access goes through `peek`, which knows the end.
private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    var position = 0
    var depth = 0

    static let deepest = 64

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func document() throws -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw error("text after the end") }
        return value
    }

    private func error(_ problem: String) -> JSONError {
        position < bytes.count ? .invalid(problem, byte: position) : .endsEarly
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard accept(character) else { throw error("expected \(character)") }
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return .object(try nested { try $0.object() })
        case UInt8(ascii: "["): return .array(try nested { try $0.array() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested<Value>(_ body: (inout JSONParser) throws -> Value) throws -> Value {
        guard depth < Self.deepest else { throw error("more than \(Self.deepest) levels") }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[offset] else { throw error("unknown word") }
            position += 1
        }
        return value
    }

    private mutating func object() throws -> JSONObject {
        var object = JSONObject()
        try expect("{")
        skipSpace()
        if accept("}") { return object }
        repeat {
            skipSpace()
            let key = try string()
            guard object[key] == nil else { throw error("the key \(quoted(key)) a second time") }
            skipSpace()
            try expect(":")
            object[key] = try value()
            skipSpace()
        } while accept(",")
        try expect("}")
        return object
    }

    private mutating func array() throws -> [JSONValue] {
        var array: [JSONValue] = []
        try expect("[")
        skipSpace()
        if accept("]") { return array }
        repeat {
            array.append(try value())
            skipSpace()
        } while accept(",")
        try expect("]")
        return array
    }

    private mutating func string() throws -> String {
        try expect("\"")
        let start = position
        var text: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw error("a control character in a string") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: Array(String(try escape()).utf8))
            } else {
                text.append(byte)
            }
        }
        try expect("\"")
        guard let string = String(validating: text, as: UTF8.self) else {
            position = start
            throw error("a string that is not UTF-8")
        }
        return string
    }

    private mutating func escape() throws -> Unicode.Scalar {
        guard let byte = peek else { throw error("") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try fourDigits()
            if (0xD800..<0xDC00).contains(code), accept("\\"), accept("u") {
                let low = try fourDigits()
                guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
            return scalar
        default: throw error("an unknown escape")
        }
    }

    private mutating func fourDigits() throws -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("expected four hexadecimal digits")
            }
            code = code << 4 + UInt32(digit)
            position += 1
        }
        return code
    }

    private mutating func number() throws -> JSONValue {
        let start = position
        _ = accept("-")
        let leading = position
        guard skipDigits() else { throw error("expected a value") }
        guard bytes[leading] != UInt8(ascii: "0") || position == leading + 1 else {
            throw error("a number with a leading zero")
        }
        var isInteger = true
        if accept(".") {
            isInteger = false
            guard skipDigits() else { throw error("expected a digit") }
        }
        if accept("e") || accept("E") {
            isInteger = false
            if !accept("+") { _ = accept("-") }
            guard skipDigits() else { throw error("expected a digit") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw error("a number out of range") }
        return .number(number)
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position > start
    }
}

/// Text that is not JSON, and where.
public enum JSONError: Error, Equatable {
    /// What is wrong, at a byte from the beginning.
    case invalid(String, byte: Int)
    case endsEarly
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let problem, let byte): "\(problem) at byte \(byte)"
        case .endsEarly: "it ends too early"
        }
    }
}
