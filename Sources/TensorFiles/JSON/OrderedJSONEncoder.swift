import Files

/// Writes values as JSON without white space, with keys in the order in which a value encodes them: for lines that
/// people read and for files whose order means something. (Foundation's encoder has no order but the alphabet's.)
package struct OrderedJSONEncoder {
    package init() {}

    /// Appends the JSON of a value.
    /// - Throws: `EncodingError` for numbers that JSON does not have, and what the value throws.
    package func encode(_ value: some Encodable, to bytes: inout [UInt8]) throws {
        try Node(value).append(to: &bytes)
    }
}

/// The text of one object, member by member, for objects that are too large to be a value first.
struct JSONObjectText {
    private(set) var text: [UInt8] = [UInt8(ascii: "{")]

    /// - Throws: as `OrderedJSONEncoder`.
    mutating func add(_ key: String, _ value: some Encodable) throws {
        if text.count > 1 { text.append(UInt8(ascii: ",")) }
        text.append(json: key)
        text.append(UInt8(ascii: ":"))
        try OrderedJSONEncoder().encode(value, to: &text)
    }

    mutating func finish() { text.append(UInt8(ascii: "}")) }
}

/// A value whose parts are still being added.
private final class Node {
    private enum Content {
        /// Written already.
        case text([UInt8])
        case array([Node])
        case object([(key: String, value: Node)])
    }
    private var content = Content.object([])

    init() {}

    init<Value: Encodable>(_ value: Value) throws {
        if let text = try Self.text(value) {
            content = .text(text)
        } else {
            try value.encode(to: NodeEncoder(node: self))
        }
    }

    /// What has no parts, or numbers alone: these are many in lines of ids.
    private static func text<Value: Encodable>(_ value: Value) throws -> [UInt8]? {
        var text: [UInt8] = []
        switch value {
        case let value as String: text.append(json: value)
        case let value as Bool: text.append(contentsOf: "\(value)".utf8)
        case let value as any BinaryInteger: text.append(contentsOf: "\(value)".utf8)
        case let value as Double:
            guard value.isFinite else {
                throw EncodingError.invalidValue(
                    value,
                    EncodingError.Context(codingPath: [], debugDescription: "\(value) is no number in JSON"))
            }
            text.append(contentsOf: "\(value)".utf8)
        case let values as [Int32]:
            text.append(UInt8(ascii: "["))
            text.append(values, between: UInt8(ascii: ","))
            text.append(UInt8(ascii: "]"))
        default: return nil
        }
        return text
    }

    func set(_ node: Node) { content = node.content }

    func setNil() { content = .text(Array("null".utf8)) }

    func becomeArray() { if case .array = content {} else { content = .array([]) } }

    func append(_ node: Node) {
        guard case .array(var nodes) = content else {
            content = .array([node])
            return
        }
        // Not copied: `content` lets go of the array first.
        content = .array([])
        nodes.append(node)
        content = .array(nodes)
    }

    func append(_ key: String, _ node: Node) {
        guard case .object(var members) = content else {
            content = .object([(key, node)])
            return
        }
        content = .object([])
        members.append((key, node))
        content = .object(members)
    }

    var count: Int { if case .array(let nodes) = content { nodes.count } else { 0 } }

    func append(to bytes: inout [UInt8]) {
        switch content {
        case .text(let text): bytes += text
        case .array(let nodes):
            bytes.append(UInt8(ascii: "["))
            for (index, node) in nodes.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                node.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(json: member.key)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }
}

private struct NodeEncoder: Encoder, SingleValueEncodingContainer {
    let node: Node
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Members(node: node))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeArray()
        return Elements(node: node)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { node.setNil() }

    func encode<Value: Encodable>(_ value: Value) throws { node.set(try Node(value)) }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { added(key.stringValue).setNil() }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        node.append(key.stringValue, try Node(value))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        NodeEncoder(node: added(key.stringValue)).container(keyedBy: keyedBy)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        NodeEncoder(node: added(key.stringValue)).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { NodeEncoder(node: added("super")) }

    func superEncoder(forKey key: Key) -> any Encoder { NodeEncoder(node: added(key.stringValue)) }

    private func added(_ key: String) -> Node {
        let member = Node()
        node.append(key, member)
        return member
    }
}

private struct Elements: UnkeyedEncodingContainer {
    let node: Node
    var codingPath: [any CodingKey] { [] }
    var count: Int { node.count }

    func encodeNil() { added().setNil() }

    func encode<Value: Encodable>(_ value: Value) throws { node.append(try Node(value)) }

    func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type) -> KeyedEncodingContainer<Nested> {
        NodeEncoder(node: added()).container(keyedBy: keyedBy)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        NodeEncoder(node: added()).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { NodeEncoder(node: added()) }

    private func added() -> Node {
        let element = Node()
        node.append(element)
        return element
    }
}
