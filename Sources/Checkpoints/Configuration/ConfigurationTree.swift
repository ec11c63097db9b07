/// A configuration as nested values, the common form of YAML files, `--set` and JSON.
///
/// Mappings keep the order of their keys. A key within nested mappings is written with dots:
/// `quantizer.temperature.start`.
package enum ConfigurationTree: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case list([ConfigurationTree])
    case mapping([Entry])

    package struct Entry: Equatable, Sendable {
        package var key: String
        package var value: ConfigurationTree

        package init(_ key: String, _ value: ConfigurationTree) {
            (self.key, self.value) = (key, value)
        }
    }
}

extension ConfigurationTree {
    /// The value under a dotted key.
    package subscript(path: String) -> ConfigurationTree? {
        var tree = self
        for key in path.split(separator: ".", omittingEmptySubsequences: false) {
            guard case .mapping(let entries) = tree, let entry = entries.first(where: { $0.key == key })
            else {
                return nil
            }
            tree = entry.value
        }
        return tree
    }

    /// One value under a dotted key, the mappings around it included.
    package init(path: String, value: ConfigurationTree) {
        self = path.split(separator: ".", omittingEmptySubsequences: false).reversed()
            .reduce(value) { tree, key in .mapping([Entry(String(key), tree)]) }
    }

    /// Puts the values of a partial tree over this one.
    ///
    /// Mappings are merged key by key; anything else, lists included, is replaced whole. An empty section
    /// (`optimizer:` with nothing below it) changes nothing.
    package mutating func merge(_ changes: ConfigurationTree) {
        guard case .mapping(var entries) = self else {
            self = changes
            return
        }
        switch changes {
        case .mapping(let changed):
            for change in changed {
                if let index = entries.firstIndex(where: { $0.key == change.key }) {
                    entries[index].value.merge(change.value)
                } else {
                    entries.append(change)
                }
            }
            self = .mapping(entries)
        case .null:
            break
        default:
            self = changes
        }
    }

    /// The dotted keys of everything that is not a mapping, in order.
    package var leaves: [String] {
        guard case .mapping(let entries) = self else { return [] }
        return entries.flatMap { entry in
            if case .mapping = entry.value {
                entry.value.leaves.map { "\(entry.key).\($0)" }
            } else {
                [entry.key]
            }
        }
    }

    /// The dotted keys of all mappings inside this one, in order.
    package var sections: [String] {
        guard case .mapping(let entries) = self else { return [] }
        return entries.flatMap { entry in
            if case .mapping = entry.value {
                [entry.key] + entry.value.sections.map { "\(entry.key).\($0)" }
            } else {
                [String]()
            }
        }
    }

    /// The first dotted key of this partial tree that a full one does not have.
    package func firstUnknownKey(in full: ConfigurationTree) -> String? {
        guard case .mapping(let entries) = self, case .mapping(let valid) = full else { return nil }
        for entry in entries {
            guard let match = valid.first(where: { $0.key == entry.key }) else { return entry.key }
            if let unknown = entry.value.firstUnknownKey(in: match.value) { return "\(entry.key).\(unknown)" }
        }
        return nil
    }
}

extension ConfigurationTree: CustomStringConvertible {
    /// The value on one line, as YAML would have it.
    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value
        case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        case .mapping(let entries): "{\(entries.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        }
    }
}
