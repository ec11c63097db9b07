/// Collects the elements of a tensor out of its storage.
package struct TorchGather {
    package let tensor: TorchTensor
    package let isBigEndian: Bool

    /// Writes all elements of a tensor of floating-point type as 32-bit floats, row-major.
    /// - Parameter bytes: the tensor's span.
    package func floats(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
        guard tensor.count > 0 else { return }
        switch tensor.type {
        case .float32: gather(bytes, into: target) { (bits: UInt32) in Float(bitPattern: bits) }
        case .float64: gather(bytes, into: target) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .float16: gather(bytes, into: target) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
        case .bfloat16:
            // The upper half of a 32-bit float.
            gather(bytes, into: target) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
        default: preconditionFailure("a tensor of type \(tensor.type.rawValue) has no floats")
        }
    }

    /// All elements lie within the span.
    @inline(__always)
    private func gather<Bits: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>,
        _ convert: (Bits) -> Float
    ) {
        let size = MemoryLayout<Bits>.size
        // A contiguous tensor is a row of all its elements.
        let isRow = tensor.isContiguous
        let shape = isRow ? [tensor.count] : tensor.shape
        let strides = isRow ? [1] : tensor.strides
        let (length, step) = (shape.last ?? 1, (strides.last ?? 1) * size)
        var index = [Int](repeating: 0, count: shape.count)
        var (row, written) = (0, 0)
        while true {
            for element in 0..<length {
                let bits = bytes.loadUnaligned(fromByteOffset: row + element * step, as: Bits.self)
                target[written + element] = convert(
                    isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
            }
            written += length
            // The next row: the last axis but one that can go on does, those after it begin anew.
            var axis = shape.count - 2
            while axis >= 0 {
                index[axis] += 1
                row += strides[axis] * size
                if index[axis] < shape[axis] { break }
                row -= strides[axis] * size * index[axis]
                index[axis] = 0
                axis -= 1
            }
            guard axis >= 0 else { return }
        }
    }
}
