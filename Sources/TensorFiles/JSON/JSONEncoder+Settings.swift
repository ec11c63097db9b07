import Foundation

extension JSONEncoder {
    /// One line, with sorted keys.
    package static var line: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// One line of what is measured, as in `log.jsonl`: keys in snake case, numbers that are none as strings.
    package static var figures: JSONEncoder {
        let encoder = JSONEncoder.line
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }

    /// The bytes of a document that people read, too: indented, with a line feed at its end.
    package func document(_ value: some Encodable) throws -> [UInt8] {
        outputFormatting.insert(.prettyPrinted)
        return [UInt8](try encode(value)) + [UInt8(ascii: "\n")]
    }
}
