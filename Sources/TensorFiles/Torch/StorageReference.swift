import Files

/// What a pickle says of a storage that lies outside of it: `("storage", class, key, device, elements)`, in the
/// stream with a sixth element, `None` or `(key, first element, elements)` of a view of that storage.
package struct StorageReference {
    package let type: TorchType
    package let key: String
    /// Elements of the whole storage.
    package let count: Int
    package let byteCount: Int
    /// The bytes of it that a view takes.
    package let view: Range<Int>?

    /// - Throws: `TorchError` where the description is not one.
    package init(_ value: PickleValue, in document: PickleDocument) throws {
        guard let object = document.object(value), object.kind == .persistent,
            let parts = document.elements(object.arguments), parts.count == 5 || parts.count == 6,
            parts[0] == .text("storage"), case .global(let name) = parts[1], case .text(let key) = parts[2],
            case .integer(let count) = parts[4]
        else { throw TorchError.damaged("it does not describe a storage") }
        guard let type = TorchType(storageClass: name) else {
            throw TorchError.unread("a storage is a \(quoted(name))")
        }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.size)
        guard count >= 0, !overflow else {
            throw TorchError.damaged("a storage has \(count) elements")
        }
        (self.type, self.key, self.count, self.byteCount) = (type, key, count, byteCount)
        view = try parts.count == 6 ? Self.view(parts[5], of: count, type, in: document) : nil
    }

    private static func view(
        _ value: PickleValue, of whole: Int, _ type: TorchType, in document: PickleDocument
    ) throws -> Range<Int>? {
        guard value != .none else { return nil }
        guard let parts = document.elements(value), parts.count == 3, case .integer(let first) = parts[1],
            case .integer(let count) = parts[2], first >= 0, count >= 0, first <= whole,
            count <= whole - first
        else { throw TorchError.damaged("a storage is a view that lies outside of another") }
        return first * type.size..<(first + count) * type.size
    }

    /// All storages that a document refers to, by their keys.
    package static func all(in document: PickleDocument) throws -> [ByteString: StorageReference] {
        var references: [ByteString: StorageReference] = [:]
        for index in document.objects.indices where document.objects[index].kind == .persistent {
            guard let parts = document.elements(document.objects[index].arguments),
                parts.first == .text("storage")
            else { continue }
            let reference = try StorageReference(.object(index), in: document)
            if let other = references[ByteString(reference.key)], other.byteCount != reference.byteCount {
                throw TorchError.damaged("its storage \(quoted(reference.key)) has two sizes")
            }
            references[ByteString(reference.key)] = reference
        }
        return references
    }
}
