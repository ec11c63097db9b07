import Foundation
import VQWav2Vec

extension ConfigurationTree: Codable {
    package init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: AnyKey.self) {
            // Decoders do not promise the order of a file.
            self = .mapping(
                try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
                    Entry(key.stringValue, try container.decode(ConfigurationTree.self, forKey: key))
                })
            return
        }
        if var container = try? decoder.unkeyedContainer() {
            var values: [ConfigurationTree] = []
            while !container.isAtEnd { values.append(try container.decode(ConfigurationTree.self)) }
            self = .list(values)
            return
        }
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .int(value)
        } else if let value = try? container.decode(Double.self) {
            self = .double(value)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .mapping(let entries):
            var container = encoder.container(keyedBy: AnyKey.self)
            for entry in entries { try container.encode(entry.value, forKey: AnyKey(entry.key)) }
        case .list(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        case .null:
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        case .bool(let value): try value.encode(to: encoder)
        case .int(let value): try value.encode(to: encoder)
        case .double(let value): try value.encode(to: encoder)
        case .string(let value): try value.encode(to: encoder)
        }
    }

    /// Canonical JSON on one line: keys sorted, numbers exact.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// - Throws: `ConfigurationError` that begins with `name` where the text is not JSON.
    package init(json: String, name: String) throws {
        do {
            self = try JSONDecoder().decode(ConfigurationTree.self, from: Data(json.utf8))
        } catch {
            throw ConfigurationError("\(name): the configuration is not valid JSON")
        }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
