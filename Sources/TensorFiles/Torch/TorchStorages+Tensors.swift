import Files

extension TorchStorages {
    /// The tensor that a value describes, by the name of the function that torch would call to make it.
    package func tensor(_ value: PickleValue, in document: PickleDocument) throws -> TorchTensor? {
        var value = value
        // A parameter holds a tensor, a tensor of a subclass another.
        for _ in 0..<4 {
            guard let object = document.object(value), object.kind == .instance,
                let arguments = document.elements(object.arguments)
            else { return nil }
            switch object.type {
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
                guard let data = arguments.first else { return nil }
                value = data
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
                return try rebuild(arguments, type: nil, in: document)
            case "torch._utils._rebuild_tensor_v3":
                guard arguments.count > 6, case .global(let name) = arguments[6],
                    let type = TorchType(dtype: name)
                else { throw TorchError.unread("a tensor has an unknown type") }
                return try rebuild(arguments, type: type, in: document)
            default:
                guard object.type.hasPrefix("torch.") && object.type.contains("._rebuild") else { return nil }
                throw TorchError.unread("a tensor is made by \(quoted(object.type))")
            }
        }
        return nil
    }

    /// - Parameter arguments: storage, offset, shape, strides, and what does not matter here.
    private func rebuild(
        _ arguments: [PickleValue], type: TorchType?, in document: PickleDocument
    ) throws -> TorchTensor {
        guard arguments.count >= 4, case .integer(let offset) = arguments[1],
            let shape = Self.integers(arguments[2], in: document),
            let strides = Self.integers(arguments[3], in: document)
        else { throw TorchError.damaged("it does not describe a tensor") }
        let reference = try StorageReference(arguments[0], in: document)
        return try TorchTensor(
            type: type ?? reference.type, shape: shape, strides: strides, offset: offset,
            storage: range(reference))
    }

    /// A tuple, or a `torch.Size` of one.
    private static func integers(_ value: PickleValue, in document: PickleDocument) -> [Int]? {
        var value = value
        if let object = document.object(value), object.type == "torch.Size",
            let inner = document.elements(object.arguments)?.first
        {
            value = inner
        }
        guard let elements = document.elements(value) else { return nil }
        let integers = elements.compactMap { element -> Int? in
            if case .integer(let integer) = element { integer } else { nil }
        }
        return integers.count == elements.count ? integers : nil
    }
}
