extension ConfigurationTree {
    /// The tree of a configuration: property names in snake_case, in the order of declaration.
    /// - Throws: `EncodingError` for a whole number that does not fit `Int`.
    package init(encoding value: some Encodable) throws {
        let slot = Slot()
        try slot.fill(with: value)
        self = slot.tree
    }

    /// `weightDecay` → `weight_decay`; a name that is in lower case stays as it is.
    static func key(_ property: any CodingKey) -> String {
        property.stringValue.reduce(into: "") { key, character in
            if character.isUppercase && !key.isEmpty { key += "_" }
            key += character.lowercased()
        }
    }
}

/// A place in the tree that encoders fill. Several encoders of one object may add keys to the same mapping.
private final class Slot {
    private enum Content {
        case value(ConfigurationTree)
        case list([Slot])
        case mapping([(key: String, slot: Slot)])
    }

    private var content = Content.value(.null)

    var tree: ConfigurationTree {
        switch content {
        case .value(let value): value
        case .list(let slots): .list(slots.map(\.tree))
        case .mapping(let entries): .mapping(entries.map { .init($0.key, $0.slot.tree) })
        }
    }

    func becomeList() {
        if case .list = content { return }
        content = .list([])
    }

    func becomeMapping() {
        if case .mapping = content { return }
        content = .mapping([])
    }

    var count: Int {
        if case .list(let slots) = content { slots.count } else { 0 }
    }

    func append() -> Slot {
        let slot = Slot()
        if case .list(let slots) = content { content = .list(slots + [slot]) }
        return slot
    }

    func add(_ key: any CodingKey) -> Slot {
        let slot = Slot()
        if case .mapping(let entries) = content {
            content = .mapping(entries + [(ConfigurationTree.key(key), slot)])
        }
        return slot
    }

    func set(_ tree: ConfigurationTree) { content = .value(tree) }

    func fill(with value: some Encodable) throws {
        switch value {
        case let value as Bool: set(.bool(value))
        case let value as String: set(.string(value))
        case let value as any BinaryInteger:
            guard let whole = Int(exactly: value) else {
                throw EncodingError.invalidValue(
                    value, .init(codingPath: [], debugDescription: "beyond 64 bits"))
            }
            set(.int(whole))
        case let value as any BinaryFloatingPoint: set(.double(Double(value)))
        default: try value.encode(to: TreeEncoder(slot: self))
        }
    }
}

private struct TreeEncoder: Encoder, SingleValueEncodingContainer {
    let slot: Slot
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.becomeMapping()
        return KeyedEncodingContainer(KeyedTreeEncoder<Key>(slot: slot))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.becomeList()
        return UnkeyedTreeEncoder(slot: slot)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
    func encodeNil() { slot.set(.null) }
    func encode<T: Encodable>(_ value: T) throws { try slot.fill(with: value) }
}

private struct KeyedTreeEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: Slot
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { slot.add(key).set(.null) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try slot.add(key).fill(with: value) }

    func nestedContainer<Nested>(keyedBy type: Nested.Type, forKey key: Key) -> KeyedEncodingContainer<Nested>
    {
        TreeEncoder(slot: slot.add(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        TreeEncoder(slot: slot.add(key)).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { TreeEncoder(slot: slot) }
    func superEncoder(forKey key: Key) -> any Encoder { TreeEncoder(slot: slot.add(key)) }
}

private struct UnkeyedTreeEncoder: UnkeyedEncodingContainer {
    let slot: Slot
    var codingPath: [any CodingKey] { [] }
    var count: Int { slot.count }

    func encodeNil() { slot.append().set(.null) }
    func encode<T: Encodable>(_ value: T) throws { try slot.append().fill(with: value) }

    func nestedContainer<Nested>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        TreeEncoder(slot: slot.append()).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        TreeEncoder(slot: slot.append()).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { TreeEncoder(slot: slot.append()) }
}
