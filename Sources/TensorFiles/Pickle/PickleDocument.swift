/// A pickle that has been read.
package struct PickleDocument: Sendable {
    package let root: PickleValue
    package let objects: [PickleObject]
    /// The position after the pickle's last byte.
    package let end: Int

    package func object(_ value: PickleValue) -> PickleObject? {
        guard case .object(let index) = value, objects.indices.contains(index) else { return nil }
        return objects[index]
    }

    /// The elements of a list or tuple.
    package func elements(_ value: PickleValue) -> [PickleValue]? {
        guard let object = object(value), object.kind == .list || object.kind == .tuple else { return nil }
        return object.elements
    }

    /// The entries of a dictionary, or of an instance of a subclass such as `OrderedDict`.
    package func entries(_ value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
        guard let object = object(value) else { return nil }
        if object.kind == .dictionary { return object.entries }
        guard object.kind == .instance else { return nil }
        let isDictionary = ["collections.OrderedDict", "collections.defaultdict"].contains(object.type)
        return isDictionary || !object.entries.isEmpty ? object.entries : nil
    }

    /// The value of a key of a dictionary: as in Python, the one that was set last.
    package func value(_ key: String, in value: PickleValue) -> PickleValue? {
        entries(value)?.last { $0.key == .text(key) }?.value
    }
}
