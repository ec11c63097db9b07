import Foundation
import TensorFiles
import VQWav2Vec
import Yams

extension JSONValue {
    /// Canonical JSON on one line: keys sorted, numbers exact.
    package func json() throws -> String {
        String(decoding: try JSONEncoder.line.encode(self), as: UTF8.self)
    }

    /// Canonical YAML: keys in their order, lists on one line, numbers exact.
    package func yaml() throws -> String {
        try Yams.serialize(node: node, width: -1, allowUnicode: true)
    }

    private var node: Node {
        switch self {
        case .null: Node("null", Tag(.null))
        case .boolean(let value): Node("\(value)", Tag(.bool))
        case .integer(let value): Node("\(value)", Tag(.int))
        // Swift prints the shortest decimal that reads back as the same number.
        case .number(let value):
            Node(value.isFinite ? "\(value)" : Self.name(ofNonFinite: value), Tag(.float))
        case .string(let value):
            Node(value, Tag(.str), JSONValue(plain: value) == .string(value) ? .any : .singleQuoted)
        case .array(let values): Node(values.map(\.node), Tag(.seq), .flow)
        case .object(let members):
            Node(members.map { (JSONValue.string($0.key).node, $0.value.node) }, Tag(.map), .block)
        }
    }

    private static func name(ofNonFinite value: Double) -> String {
        value.isNaN ? ".nan" : value < 0 ? "-.inf" : ".inf"
    }

    /// The value on one line, as YAML would have it, for messages.
    package var inYAML: String {
        switch self {
        case .null, .boolean, .integer, .number: description
        case .string(let value): value
        case .array(let values): "[\(values.map(\.inYAML).joined(separator: ", "))]"
        case .object(let members):
            "{\(members.map { "\($0.key): \($0.value.inYAML)" }.joined(separator: ", "))}"
        }
    }

    /// Whether a text can be a dotted key at all; its length bounds the depth of the tree.
    static func isKey(_ text: String) -> Bool { !text.isEmpty && text.utf8.count <= 200 }

    /// The value of an unquoted scalar by YAML 1.2's core schema: `yes` and `on` are words, `1e-5` is a number.
    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .boolean(true)
        case "false", "False", "FALSE": self = .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": self = .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": self = .number(-.infinity)
        case ".nan", ".NaN", ".NAN": self = .number(.nan)
        default:
            // Swift's own initializers also read words (`nan`, `infinity`) and hexadecimal digits.
            let isNumeric = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
            if isNumeric, let value = Int(text) {
                self = .integer(value)
            } else if isNumeric, let value = Double(text) {
                self = .number(value)
            } else {
                self = .string(text)
            }
        }
    }
}
