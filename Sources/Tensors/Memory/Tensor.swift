/// A dense row-major array of 32-bit floats.
///
/// A tensor is a handle: copies and `reshaped` views share their values. Operations never change the
/// values of their inputs. Who changes values in place, as an optimizer does, has the tensor to itself.
public struct Tensor: Sendable {
    public let shape: [Int]
    public let count: Int
    private var storage: Storage

    /// Values are not set.
    /// - Precondition: no size is negative.
    public init(uninitialized shape: [Int]) {
        precondition(shape.allSatisfy { $0 >= 0 }, "sizes are not negative: \(shape)")
        self.shape = shape
        count = shape.reduce(1, *)
        storage = Storage(count: count)
    }

    public init(zeros shape: [Int]) {
        self.init(uninitialized: shape)
        pointer.update(repeating: 0, count: count)
    }

    /// - Precondition: as many values as the shape holds.
    public init(_ values: some Collection<Float>, shape: [Int]) {
        self.init(uninitialized: shape)
        precondition(values.count == count, "\(values.count) values for shape \(shape)")
        _ = UnsafeMutableBufferPointer(start: pointer, count: count).update(fromContentsOf: values)
    }

    private init(shape: [Int], storage: Storage) {
        self.shape = shape
        count = shape.reduce(1, *)
        self.storage = storage
    }

    /// The first value. Valid as long as this tensor, or one that shares its values, is alive.
    public var pointer: UnsafeMutablePointer<Float> { storage.base }

    public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// The only value of a tensor of one element.
    public var scalar: Float {
        precondition(count == 1, "\(shape) is not a tensor of one element")
        return pointer[0]
    }

    /// The same values under another shape.
    public func reshaped(_ shape: [Int]) -> Tensor {
        let view = Tensor(shape: shape, storage: storage)
        precondition(view.count == count, "\(self.shape) cannot be seen as \(shape)")
        return view
    }

    /// A tensor with values of its own.
    public func copy() -> Tensor {
        let copy = Tensor(uninitialized: shape)
        copy.pointer.update(from: pointer, count: count)
        return copy
    }

    /// Makes sure that no other tensor sees a change of these values.
    package mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&storage) { self = copy() }
    }

    /// Replaces all values by those of a tensor of the same count.
    public func assign(_ other: Tensor) {
        precondition(other.count == count, "\(other.shape) does not fill \(shape)")
        pointer.update(from: other.pointer, count: count)
    }

    /// Each takes the values of the other, in their order; no memory is taken.
    /// - Precondition: both have the same count, whatever their shapes.
    public func exchange(with other: Tensor) {
        precondition(other.count == count, "\(other.shape) does not fill \(shape)")
        for index in 0..<count { swap(&pointer[index], &other.pointer[index]) }
    }

    public func fill(_ value: Float) {
        pointer.update(repeating: value, count: count)
    }

    /// The axes in another order: axis i of the result is axis `axes[i]` of this tensor.
    public func transposed(_ axes: [Int]) -> Tensor {
        precondition(axes.sorted() == Array(shape.indices), "\(axes) is no order of the axes of \(shape)")
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            strides[axis] = strides[axis + 1] * shape[axis + 1]
        }
        let result = Tensor(uninitialized: axes.map { shape[$0] })
        let resultStrides = axes.map { strides[$0] }
        guard count > 0 else { return result }
        guard let inner = result.shape.last, let innerStride = resultStrides.last else { return copy() }
        var index = [Int](repeating: 0, count: shape.count)
        var source = pointer
        for row in 0..<count / inner {
            let target = result.pointer + row * inner
            for column in 0..<inner { target[column] = source[column * innerStride] }
            // The next row: the axes before the last one count up.
            var axis = shape.count - 2
            while axis >= 0 {
                index[axis] += 1
                source += resultStrides[axis]
                if index[axis] < result.shape[axis] { break }
                source -= resultStrides[axis] * index[axis]
                index[axis] = 0
                axis -= 1
            }
        }
        return result
    }
}

/// Zeros, written by all threads.
package func zeroTensor(_ shape: [Int]) -> Tensor {
    let tensor = Tensor(uninitialized: shape)
    Parallel.forEachTile(rows: tensor.count, target: elementTile) { _, range in
        (tensor.pointer + range.lowerBound).update(repeating: 0, count: range.count)
    }
    return tensor
}

/// The memory behind one or several tensors; goes back to the pool with the last of them.
final class Storage: Sendable {
    private let buffer: BufferPool.Buffer

    var base: UnsafeMutablePointer<Float> { buffer.base }

    init(count: Int) {
        buffer = BufferPool.shared.take(count)
    }

    deinit { BufferPool.shared.giveBack(buffer) }
}
