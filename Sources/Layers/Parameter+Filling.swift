import Tensors

extension Parameter {
    /// Fills a tensor of this parameter's kind (its value, a moment) with values in fairseq's layout. Beside
    /// the tensor there is memory for a second copy of it during the call only, and none where the layouts are
    /// the same: a model can be read from a file as large as itself.
    ///
    /// - Parameter write: writes `count` values, row-major in `fairseqShape`.
    /// - Throws: what `write` throws; the tensor's values are then not specified.
    public func fill(
        _ tensor: Tensor, fromFairseq write: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        precondition(tensor.count == count, "a tensor of shape \(tensor.shape) for \(name) \(fairseqShape)")
        try withExtendedLifetime(tensor) {
            let target = UnsafeMutableBufferPointer(start: tensor.pointer, count: count)
            // Axes of one element can be anywhere.
            let order = fairseqOrder.filter { fairseqShape[$0] > 1 }
            guard order != order.sorted() else { return try write(target) }
            let source = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
            defer { source.deallocate() }
            source.initialize(repeating: 0)
            try write(source)
            permute(UnsafeBufferPointer(source), into: target)
        }
    }

    /// Axis i of the target is axis `fairseqOrder[i]` of the source.
    private func permute(_ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<Float>)
    {
        var fairseqStrides = [Int](repeating: 1, count: fairseqShape.count)
        for axis in fairseqShape.indices.dropLast().reversed() {
            fairseqStrides[axis] = fairseqStrides[axis + 1] * fairseqShape[axis + 1]
        }
        let shape = fairseqOrder.map { fairseqShape[$0] }
        let strides = fairseqOrder.map { fairseqStrides[$0] }
        let (length, step) = (shape.last ?? 1, strides.last ?? 1)
        var index = [Int](repeating: 0, count: shape.count)
        var (row, written) = (0, 0)
        while written < count {
            for element in 0..<length { target[written + element] = source[row + element * step] }
            written += length
            var axis = shape.count - 2
            while axis >= 0 {
                index[axis] += 1
                row += strides[axis]
                if index[axis] < shape[axis] { break }
                row -= strides[axis] * index[axis]
                index[axis] = 0
                axis -= 1
            }
        }
    }
}
