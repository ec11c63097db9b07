import Layers
import TensorFiles
import VQWav2Vec
import Yams

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
            throw ConfigurationError.unreadable(problem: "\(name)\(error.oneLine)")
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
        .located("\(name)\(node.mark.map { ":\($0.line)" } ?? "")", .unreadable(problem: message))
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
