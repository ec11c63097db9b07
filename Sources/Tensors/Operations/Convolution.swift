import CKernels

extension Tape {
    /// Convolution over time, no padding:
    /// y[b, t, o] = bias[o] + Σ_{j, i} x[b, t·stride + j, i] · weight[o, j, i].
    ///
    /// Computed as written or by a bilinear algorithm with fewer multiplications, whichever is faster for these
    /// sizes.
    ///
    /// - Parameters:
    ///   - x: [B, T, Cin], T at least the kernel's length.
    ///   - weight: [Cout, k, Cin].
    ///   - bias: [Cout], or nil.
    /// - Returns: [B, (T − k)/stride + 1, Cout].
    public func convolve(_ x: Variable, weight: Variable, bias: Variable? = nil, stride: Int) -> Variable {
        precondition(x.shape.count == 3 && weight.shape.count == 3 && weight.shape[2] == x.shape[2])
        precondition(bias.map { $0.value.count == weight.shape[0] } ?? true)
        let geometry = ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: stride)
        guard let algorithm = ConvolutionPlan.algorithm(for: geometry) else {
            return convolve(x, weight, bias, directly: DirectConvolution(geometry: geometry))
        }
        return convolve(
            x, weight, bias, with: BilinearConvolution(geometry: geometry, algorithm: algorithm))
    }

    private func convolve(
        _ x: Variable, _ weight: Variable, _ bias: Variable?, directly convolution: DirectConvolution
    ) -> Variable {
        let y = convolution.output(x.value, weight: weight.value, bias: bias?.value)
        return record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            [
                x.needsGradient ? convolution.inputGradient(dy, weight: weight.value) : nil,
                convolution.weightGradient(dy, x: x.value),
                bias.map { biasGradient(dy, width: $0.value.count) },
            ]
        }
    }

    private func convolve(
        _ x: Variable, _ weight: Variable, _ bias: Variable?, with convolution: BilinearConvolution
    ) -> Variable {
        let y = convolution.output(x.value, weight: weight.value, bias: bias?.value)
        return record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            let (dx, dw) = convolution.gradients(
                dy, x: x.value, weight: weight.value, needsInput: x.needsGradient)
            return [dx, dw, bias.map { biasGradient(dy, width: $0.value.count) }]
        }
    }
}

/// ∂L/∂bias[o] = Σ_{b, t} ∂L/∂y[b, t, o], in double precision. dy: any shape that ends in `width`.
func biasGradient(_ dy: Tensor, width: Int) -> Tensor {
    let rows = dy.count / width
    let tiles = Tiling(rows: rows, target: 1024)
    var partial = [Double](repeating: 0, count: tiles.count * width)
    partial.withUnsafeMutableBufferPointer { partial in
        guard let sums = partial.baseAddress else { return }
        Parallel.forEach(tiles.count) { tile in
            let range = tiles[tile]
            vq_column_sums(
                dy.pointer + range.lowerBound * width, range.count, width, width, sums + tile * width)
        }
    }
    let total = (0..<width).map { channel in
        Float((0..<tiles.count).reduce(0.0) { $0 + partial[$1 * width + channel] })
    }
    return Tensor(total, shape: [width])
}

/// Every row becomes the bias, repeated as often as it fits.
func fillRows(_ matrix: MatrixView, with bias: Tensor) {
    for row in 0..<matrix.rows {
        for start in stride(from: 0, to: matrix.columns, by: bias.count) {
            (matrix.pointer + row * matrix.stride + start).update(from: bias.pointer, count: bias.count)
        }
    }
}
