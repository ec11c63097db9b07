import Files

/// Values that one tensor of a PyTorch file holds, or several share.
public struct TorchStorage {
    /// Its place among the storages of the file.
    package let index: Int
    package let count: Int
    /// Gives the values when the file is written.
    package let floats: () throws -> [Float]

    public init(index: Int, count: Int, floats: @escaping () throws -> [Float]) {
        (self.index, self.count, self.floats) = (index, count, floats)
    }
}

/// Files that `torch.load` reads: a pickle and the storages of its tensors in a zip archive (the format of
/// `torch.save` since PyTorch 1.6).
public enum TorchWriter {
    /// - Parameters:
    ///   - pickle: the object, whose tensors are written with `tensor(_:shape:)`.
    ///   - storages: those of the tensors, in the order of their indices.
    /// - Throws: `FileError` where the file cannot be written or a storage gives another number of values than
    ///   it has; what storages throw. The file appears whole or not at all.
    public static func write(_ path: String, pickle: PickleWriter, storages: [TorchStorage]) throws {
        let zip = try ZipWriter(path: path)
        try zip.add("archive/data.pkl", pickle.finished)
        try zip.add("archive/byteorder", Array("little".utf8))
        for storage in storages {
            let values = try storage.floats()
            guard values.count == storage.count else {
                throw FileError.notWritten(
                    path: path, reason: "a tensor of \(storage.count) values got \(values.count)")
            }
            // Swift runs on little-endian processors only, so the bytes are in order.
            try values.withUnsafeBytes { try zip.add("archive/data/\(storage.index)", $0) }
        }
        // The version of the format, the same since there is one.
        try zip.add("archive/version", Array("3\n".utf8))
        try zip.commit()
    }
}

extension PickleWriter {
    /// A float32 tensor: all of a storage, row-major.
    public mutating func tensor(_ storage: TorchStorage, shape: [Int]) {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * shape[axis + 1]
        }
        global("torch._utils", "_rebuild_tensor_v2")
        tuple { pickle in
            pickle.tuple {
                $0.string("storage")
                $0.global("torch", "FloatStorage")
                $0.string("\(storage.index)")
                $0.string("cpu")
                $0.integer(storage.count)
            }
            pickle.persistentID()
            pickle.integer(0)
            pickle.tuple { for size in shape { $0.integer(size) } }
            pickle.tuple { for stride in strides { $0.integer(stride) } }
            // No gradient, no hooks.
            pickle.boolean(false)
            pickle.orderedDictionary { _ in }
        }
        reduce()
    }

    /// A `collections.OrderedDict`: keys and values by turns.
    public mutating func orderedDictionary(_ items: (inout PickleWriter) throws -> Void) rethrows {
        global("collections", "OrderedDict")
        tuple { _ in }
        reduce()
        try fill(items)
    }
}
