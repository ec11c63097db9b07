extension [UInt8] {
    /// Appends a JSON string: quotes, backslashes and control characters escaped, the rest as UTF-8.
    package mutating func append(json text: String) { append(json: text.utf8) }

    /// The same of a name, which has to be UTF-8.
    package mutating func append(json name: ByteString) { append(json: name.bytes) }

    private mutating func append(json text: some Sequence<UInt8>) {
        append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case UInt8(ascii: "\n"): append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case UInt8(ascii: "\r"): append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
            case UInt8(ascii: "\t"): append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
            case 0..<0x20, 0x7F:
                append(contentsOf: "\\u00".utf8)
                append(Self.hexadecimal[Int(byte >> 4)])
                append(Self.hexadecimal[Int(byte & 15)])
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    private static let hexadecimal = [UInt8]("0123456789abcdef".utf8)

    /// Appends the decimal digits of a number.
    package mutating func append(decimal value: Int) {
        var rest = value.magnitude
        if value < 0 { append(UInt8(ascii: "-")) }
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        // Most ids have one to three digits: exchanging the outer two is all there is to reverse.
        var (low, high) = (start, count - 1)
        while low < high {
            swapAt(low, high)
            (low, high) = (low + 1, high - 1)
        }
    }
}

extension [UInt8] {
    /// Appends the decimal digits of numbers with a separator between them.
    package mutating func append(_ values: some Sequence<Int32>, between separator: UInt8) {
        var isFirst = true
        for value in values {
            if !isFirst { append(separator) }
            append(decimal: Int(value))
            isFirst = false
        }
    }
}

/// A name as it can stand in a one-line message.
package func quoted(_ name: ByteString) -> String { quoted(name.description) }

/// Text from a file as it can stand in a one-line message: escaped, and cut where it is long.
package func quoted(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.append(json: text.unicodeScalars.count > 80 ? String(text.unicodeScalars.prefix(80)) + "…" : text)
    return String(decoding: bytes, as: UTF8.self)
}
