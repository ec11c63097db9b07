import TensorFiles

// Configurations are trees of values whose keys are written with dots: `quantizer.temperature.start`.
extension JSONValue {
    /// The value under a dotted key.
    package subscript(path: String) -> JSONValue? {
        var tree = self
        for key in path.split(separator: ".", omittingEmptySubsequences: false) {
            guard case .object(let members) = tree, let value = members[String(key)] else { return nil }
            tree = value
        }
        return tree
    }

    /// One value under a dotted key, the sections around it included.
    package init(path: String, value: JSONValue) {
        self = path.split(separator: ".", omittingEmptySubsequences: false).reversed()
            .reduce(value) { tree, key in .object([String(key): tree]) }
    }

    /// Puts the values of a partial tree over this one.
    ///
    /// Sections are merged key by key; anything else, lists included, is replaced whole. An empty section
    /// (`optimizer:` with nothing below it) changes nothing.
    package mutating func merge(_ changes: JSONValue) {
        guard case .object(var members) = self else {
            self = changes
            return
        }
        switch changes {
        case .object(let changed):
            for (key, change) in changed {
                var value = members[key] ?? change
                value.merge(change)
                members[key] = value
            }
            self = .object(members)
        case .null: break
        default: self = changes
        }
    }

    /// Takes away what is under a dotted key.
    mutating func remove(_ path: String) {
        guard case .object(var members) = self else { return }
        let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
        if parts.count == 1 {
            members[path] = nil
        } else if var inner = members[parts[0]] {
            inner.remove(parts[1])
            members[parts[0]] = inner
        }
        self = .object(members)
    }

    /// The dotted keys of everything that is not a section, in order.
    package var leaves: [String] {
        guard case .object(let members) = self else { return [] }
        return members.flatMap { key, value in
            if case .object = value { value.leaves.map { "\(key).\($0)" } } else { [key] }
        }
    }

    /// The dotted keys of all sections inside this one, in order.
    package var sections: [String] {
        guard case .object(let members) = self else { return [] }
        return members.flatMap { key, value in
            if case .object = value { [key] + value.sections.map { "\(key).\($0)" } } else { [String]() }
        }
    }

    /// The first dotted key of this partial tree that a full one does not have.
    package func firstUnknownKey(in full: JSONValue) -> String? {
        guard case .object(let members) = self, case .object(let valid) = full else { return nil }
        for (key, value) in members {
            guard let match = valid[key] else { return key }
            if let unknown = value.firstUnknownKey(in: match) { return "\(key).\(unknown)" }
        }
        return nil
    }

    /// The values of this tree whose keys another one has.
    func restricted(to other: JSONValue) -> JSONValue {
        guard case .object(let members) = self, case .object(let kept) = other else { return self }
        return .object(
            members.reduce(into: JSONObject()) { result, member in
                if let match = kept[member.key] { result[member.key] = member.value.restricted(to: match) }
            })
    }
}
