import Files

/// Keys and values in their order.
///
/// Keys are compared byte by byte, as every program that reads the file does: Swift's own strings are equal
/// where Unicode takes them for the same text.
public struct JSONObject: Equatable, Sendable {
    public private(set) var keys: [String] = []
    private var values: [JSONValue] = []
    private var positions: [ByteString: Int] = [:]

    public init() {}

    /// In the order of the keys' bytes.
    public init(_ members: [String: JSONValue]) {
        for (key, value) in members.sorted(by: { ByteString($0.key) < ByteString($1.key) }) {
            self[key] = value
        }
    }

    /// The value of a key. A new key comes last, one that is set to nil goes.
    public subscript(key: String) -> JSONValue? {
        get { positions[ByteString(key)].map { values[$0] } }
        set {
            let name = ByteString(key)
            switch (positions[name], newValue) {
            case (let position?, let value?): values[position] = value
            case (nil, let value?):
                positions[name] = keys.count
                keys.append(key)
                values.append(value)
            case (let position?, nil):
                keys.remove(at: position)
                values.remove(at: position)
                positions = positions.filter { $0.value != position }
                    .mapValues { $0 > position ? $0 - 1 : $0 }
            case (nil, nil): break
            }
        }
    }

    /// This object with the members of another, whose values count where both have a key.
    public func merging(_ other: JSONObject) -> JSONObject {
        other.reduce(into: self) { $0[$1.key] = $1.value }
    }

    public func mapValues(_ transform: (JSONValue) throws -> JSONValue) rethrows -> JSONObject {
        var object = self
        object.values = try values.map(transform)
        return object
    }

    /// The members in the order of the keys' bytes.
    public var sorted: [Element] { self.sorted { ByteString($0.key) < ByteString($1.key) } }
}

extension JSONObject: RandomAccessCollection {
    public typealias Element = (key: String, value: JSONValue)

    public var startIndex: Int { 0 }
    public var endIndex: Int { keys.count }
    public subscript(position: Int) -> Element { (keys[position], values[position]) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// A key that is there twice has its last value.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        for (key, value) in members { self[key] = value }
    }
}
