import Layers
import VQWav2Vec

/// A value that does not fit its key.
struct ConfigurationMisfit: Error {
    /// Dotted key, with `[i]` for the element of a list.
    let path: String
    /// What follows the key in a sentence.
    let problem: String
}

extension ConfigurationTree {
    /// A configuration from its full tree, the reverse of `init(encoding:)`.
    /// - Throws: `ConfigurationMisfit` for the first key that is missing or holds a value of the wrong kind.
    package func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try TreeDecoder(tree: self, path: "").decode(type)
    }
}

/// How a message calls the values of a type.
private protocol ConfigurationForm {
    static var form: String { get }
}

extension ConvolutionLayer: ConfigurationForm {
    static var form: String { "[channels, kernel, stride]" }
}

extension Array: ConfigurationForm where Element: ConfigurationForm {
    static var form: String { "a list of \(Element.form)" }
}

/// What stands in a single value of the tree.
private protocol ConfigurationScalar: ConfigurationForm {
    init?(_ tree: ConfigurationTree)
}

extension Bool: ConfigurationScalar {
    static var form: String { "true or false" }
    init?(_ tree: ConfigurationTree) {
        guard case .bool(let value) = tree else { return nil }
        self = value
    }
}

extension Int: ConfigurationScalar {
    static var form: String { "a whole number" }
    init?(_ tree: ConfigurationTree) {
        switch tree {
        case .int(let value): self = value
        case .double(let value): self.init(exactly: value)  // 1e6
        default: return nil
        }
    }
}

extension Double: ConfigurationScalar {
    static var form: String { "a number" }
    init?(_ tree: ConfigurationTree) {
        switch tree {
        case .int(let value): self.init(value)
        case .double(let value) where value.isFinite: self = value
        default: return nil
        }
    }
}

extension String: ConfigurationScalar {
    static var form: String { "text" }
    init?(_ tree: ConfigurationTree) {
        guard case .string(let value) = tree else { return nil }
        self = value
    }
}

private struct TreeDecoder: Decoder, SingleValueDecodingContainer {
    let tree: ConfigurationTree
    let path: String
    var form: String?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .mapping(let entries) = tree else { throw misfit("a section of keys") }
        return KeyedDecodingContainer(KeyedTreeDecoder<Key>(entries: entries, path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .list(let values) = tree else { throw misfit(form ?? "a list") }
        return UnkeyedTreeDecoder(values: values, path: path)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { tree == .null }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let scalar = type as? any ConfigurationScalar.Type {
            guard let value = scalar.init(tree) as? T else { throw misfit(scalar.form) }
            return value
        }
        if let choices = Self.choices(of: type) {
            guard case .string(let value) = tree, choices.contains(value) else {
                throw misfit("one of \(choices.joined(separator: ", "))")
            }
        }
        let form = (type as? any ConfigurationForm.Type)?.form
        do {
            return try T(from: TreeDecoder(tree: tree, path: path, form: form))
        } catch is DecodingError {
            throw misfit(form ?? "different")
        }
    }

    /// The names of an enumeration's cases.
    private static func choices(of type: any Any.Type) -> [String]? {
        func names<Choice: CaseIterable>(_ type: Choice.Type) -> [String] {
            type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        }
        return (type as? any CaseIterable.Type).map { names($0) }
    }

    private func misfit(_ expected: String) -> ConfigurationMisfit {
        let text = tree.description
        let value = text.count > 60 ? "\(text.prefix(60))…" : text
        return ConfigurationMisfit(path: path, problem: "is \(value), but must be \(expected)")
    }
}

private struct KeyedTreeDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let entries: [ConfigurationTree.Entry]
    let path: String
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { entries.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { entries.contains { $0.key == ConfigurationTree.key(key) } }
    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder(key).decode(type) }

    func nestedContainer<Nested>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { TreeDecoder(tree: .mapping(entries), path: path) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    private func decoder(_ key: Key) throws -> TreeDecoder {
        let name = ConfigurationTree.key(key)
        let inner = path.isEmpty ? name : "\(path).\(name)"
        guard let entry = entries.first(where: { $0.key == name }) else {
            throw ConfigurationMisfit(path: inner, problem: "is missing")
        }
        return TreeDecoder(tree: entry.value, path: inner)
    }
}

private struct UnkeyedTreeDecoder: UnkeyedDecodingContainer {
    let values: [ConfigurationTree]
    let path: String
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex >= values.count }

    init(values: [ConfigurationTree], path: String) { (self.values, self.path) = (values, path) }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, values[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

    mutating func nestedContainer<Nested>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested>
    {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }

    private mutating func next() throws -> TreeDecoder {
        guard !isAtEnd else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [], debugDescription: "the list is too short"))
        }
        defer { currentIndex += 1 }
        return TreeDecoder(tree: values[currentIndex], path: "\(path)[\(currentIndex)]")
    }
}
