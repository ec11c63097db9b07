/// A tensor in a file of torch: a view of a storage, which other tensors may share.
package struct TorchTensor: Equatable, Sendable {
    package let type: TorchType
    package let shape: [Int]
    /// Elements from one index to the next, for each axis.
    package let strides: [Int]
    /// The element of the storage that comes first.
    package let offset: Int
    /// Number of elements.
    package let count: Int
    /// Where the storage lies in the file.
    package let storage: Range<Int>

    /// - Throws: `TorchError`, without the name of the file, where the tensor does not lie within its storage.
    package init(type: TorchType, shape: [Int], strides: [Int], offset: Int, storage: Range<Int>) throws {
        guard shape.count == strides.count, shape.count <= 64, let count = Self.count(shape) else {
            throw TorchError.damaged("a tensor has the shape \(shape.prefix(8))")
        }
        let last = count == 0 ? -1 : Self.last(shape, strides, offset)
        guard offset >= 0, let last, last < storage.count / type.size else {
            throw TorchError.damaged(
                "a tensor of shape \(shape), strides \(strides) and offset \(offset) lies outside of "
                    + "its storage of \(storage.count / type.size) elements")
        }
        (self.type, self.shape) = (type, shape)
        // The stride of an axis of one element says nothing, and may be anything.
        self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
        (self.offset, self.count, self.storage) = (offset, count, storage)
    }

    private static func count(_ shape: [Int]) -> Int? {
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            count = product
        }
        return count
    }

    /// The element of the storage that comes last; nil where there is none.
    private static func last(_ shape: [Int], _ strides: [Int], _ offset: Int) -> Int? {
        var last = offset
        for (dimension, stride) in zip(shape, strides) {
            let (distance, overflow) = (dimension - 1).multipliedReportingOverflow(by: stride)
            let (sum, further) = last.addingReportingOverflow(distance)
            guard stride >= 0, !overflow, !further else { return nil }
            last = sum
        }
        return last
    }

    /// The tensor in parts that need little memory at a time, where its elements follow one another; and the
    /// places of each part's elements. One part where they do not.
    package var pieces: [(tensor: TorchTensor, elements: Range<Int>)] {
        guard isContiguous, count > 0 else { return [(self, 0..<count)] }
        let most = 1 << 20
        return stride(from: 0, to: count, by: most).map { start in
            let elements = start..<min(count, start + most)
            return (TorchTensor(row: elements, of: self), elements)
        }
    }

    /// Some elements of a contiguous tensor.
    private init(row: Range<Int>, of tensor: TorchTensor) {
        (type, storage, offset) = (tensor.type, tensor.storage, tensor.offset + row.lowerBound)
        (shape, strides, count) = ([row.count], [1], row.count)
    }

    /// The bytes of the file from its first element to its last, and perhaps others between them.
    package var span: Range<Int> {
        // The offset of an empty tensor may be any number.
        guard count > 0 else { return storage.lowerBound..<storage.lowerBound }
        let start = storage.lowerBound + offset * type.size
        let last = zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
        return start..<start + (last + 1) * type.size
    }

    /// Whether the elements follow one another.
    package var isContiguous: Bool {
        guard count > 0 else { return true }
        var expected = 1
        for (dimension, stride) in zip(shape, strides).reversed() where dimension != 1 {
            guard stride == expected else { return false }
            expected *= dimension
        }
        return true
    }
}
