import Foundation
import TensorFiles
import VQWav2Vec
import Yams

extension JSONValue {
    /// Canonical JSON on one line: keys sorted, numbers exact.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
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
    var inYAML: String {
        switch self {
        case .null, .boolean, .integer, .number: description
        case .string(let value): value
        case .array(let values): "[\(values.map(\.inYAML).joined(separator: ", "))]"
        case .object(let members): "{\(members.map { "\($0.key): \($0.value.inYAML)" }.joined(separator: ", "))}"
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

/// Reads YAML into a tree and notes the line of every key.
struct YAMLReader {
    /// Far above any configuration, far below what fills the memory or the stack.
    private static let (deepest, largest) = (32, 20_000)

    private(set) var lines: [String: Int] = [:]
    private let name: String
    private var values = 0

    /// - Parameter name: what an error calls the text: the file's name or the argument.
    init(name: String) { self.name = name }

    /// - Throws: `ConfigurationError` that begins with the name and the line.
    mutating func read(_ text: String) throws -> JSONValue {
        let root: Node?
        do {
            root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw ConfigurationError("\(name)\(error.oneLine)")
        }
        return try root.map { try tree(of: $0, path: "", depth: 0) } ?? .null
    }

    private mutating func tree(of node: Node, path: String, depth: Int) throws -> JSONValue {
        values += 1
        // Aliases can name a list of aliases of lists: the text is short, the tree is not.
        guard depth <= Self.deepest, values <= Self.largest else {
            throw failure(node, "nested too deeply, or too many values for a configuration")
        }
        switch node {
        case .scalar(let scalar):
            let isText = scalar.style != .plain || scalar.tag == Tag(.str)
            return isText ? .string(scalar.string) : JSONValue(plain: scalar.string)
        case .sequence(let sequence):
            return .array(try sequence.map { try tree(of: $0, path: path, depth: depth + 1) })
        case .mapping(let mapping):
            var result = JSONValue.object(JSONObject())
            for (key, value) in mapping {
                guard let text = key.scalar?.string, JSONValue.isKey(text) else {
                    throw failure(key, "a key must be a word, such as quantizer or kind")
                }
                let inner = path.isEmpty ? text : "\(path).\(text)"
                lines[inner] = key.mark?.line
                // `quantizer.kind: kmeans` in one line is as good as a section.
                result.merge(
                    JSONValue(path: text, value: try tree(of: value, path: inner, depth: depth + 1)))
            }
            return result
        case .alias:
            throw failure(node, "an alias without an anchor")
        }
    }

    private func failure(_ node: Node, _ message: String) -> ConfigurationError {
        ConfigurationError("\(name)\(node.mark.map { ":\($0.line)" } ?? ""): \(message)")
    }
}

extension YamlError {
    /// `:LINE: what is wrong`, without the excerpt that Yams adds on lines of its own.
    fileprivate var oneLine: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return ":\(mark.line): not valid YAML: \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            return
                ":\(context.mark.line): the key \(duplicates.sorted().joined(separator: ", ")) is given twice"
        case .reader(let problem, let offset, _, let yaml):
            let line = yaml.prefix(offset ?? 0).filter(\.isNewline).count + 1
            return ":\(line): not valid YAML: \(problem)"
        default:
            return ": not valid YAML"
        }
    }
}
