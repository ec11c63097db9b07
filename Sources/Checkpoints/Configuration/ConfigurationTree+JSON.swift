import Foundation
import TensorFiles
import VQWav2Vec

extension ConfigurationTree {
    /// Keys are sorted: JSON objects have no order.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .boolean(let value): self = .bool(value)
        case .integer(let value): self = .int(value)
        case .number(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .list(values.map { ConfigurationTree($0) })
        case .object(let values):
            self = .mapping(
                values.sorted { $0.key < $1.key }.map { Entry($0.key, ConfigurationTree($0.value)) })
        }
    }

    private var jsonValue: JSONValue {
        switch self {
        case .null: .null
        case .bool(let value): .boolean(value)
        case .int(let value): .integer(value)
        case .double(let value): .number(value)
        case .string(let value): .string(value)
        case .list(let values): .array(values.map(\.jsonValue))
        case .mapping(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.jsonValue) }, uniquingKeysWith: { $1 }))
        }
    }

    /// Canonical JSON on one line: keys sorted, numbers exact.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(jsonValue), as: UTF8.self)
    }

    /// - Throws: `ConfigurationError` that begins with `name` where the text is not JSON.
    package init(json: String, name: String) throws {
        do {
            self.init(try JSONValue(parsing: json))
        } catch {
            throw ConfigurationError("\(name): the configuration is not valid JSON: \(error)")
        }
    }
}
