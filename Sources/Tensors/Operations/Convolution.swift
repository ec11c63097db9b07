import CKernels

extension Tape {
    /// Convolution over time, no padding:
    /// y[b, t, o] = bias[o] + Σ_{j, i} x[b, t·stride + j, i] · weight[o, j, i].
    ///
    /// Frames are rows, so `stride` neighbouring taps see stride·Cin consecutive floats of every
    /// stride-th row: a matrix that lies in the input itself. The convolution is one matrix product for
    /// each such group of taps, without an unfolded copy.
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
        let y = convolution(x.value, weight: weight.value, bias: bias?.value, geometry)
        return record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            [
                x.needsGradient ? inputGradient(dy, weight: weight.value, geometry) : nil,
                weightGradient(dy, x: x.value, geometry),
                bias.map { biasGradient(dy, width: $0.value.count) },
            ]
        }
    }
}

/// The sizes of a convolution, and its operands as matrices.
private struct ConvolutionGeometry {
    let batch: Int
    let inputFrames: Int
    let inputChannels: Int
    let outputFrames: Int
    let outputChannels: Int
    let kernel: Int
    let stride: Int

    init(input: [Int], weight: [Int], stride: Int) {
        precondition(input[1] >= weight[1])
        (batch, inputFrames, inputChannels) = (input[0], input[1], input[2])
        (outputChannels, kernel) = (weight[0], weight[1])
        self.stride = stride
        outputFrames = (inputFrames - kernel) / stride + 1
    }

    /// Taps taken `stride` at a time, as columns of the weight matrix. The rows that one group reads do not
    /// overlap, as BLAS demands of a matrix.
    var tapGroups: [Range<Int>] {
        Swift.stride(from: 0, to: kernel, by: stride).map { tap in
            tap * inputChannels..<min(tap + stride, kernel) * inputChannels
        }
    }

    /// [T', columns]: row t holds those of the k·Cin floats under the kernel at output frame t.
    func unfolded(_ x: Tensor, item: Int, columns: Range<Int>) -> MatrixView {
        MatrixView(
            x.pointer + item * inputFrames * inputChannels + columns.lowerBound, rows: outputFrames,
            columns: columns.count, stride: stride * inputChannels)
    }

    func output(_ y: Tensor, item: Int) -> MatrixView {
        MatrixView(
            y.pointer + item * outputFrames * outputChannels, rows: outputFrames, columns: outputChannels)
    }

    func matrix(_ weight: Tensor) -> MatrixView {
        MatrixView(weight.pointer, rows: outputChannels, columns: kernel * inputChannels)
    }

    /// A waveform's rows are too narrow for a fast matrix product, and unfolding them costs next to
    /// nothing: the same convolution with a kernel of one frame of k floats.
    func unfoldingWaveform(_ x: Tensor) -> (Tensor, ConvolutionGeometry) {
        guard inputChannels == 1, kernel > 1 else { return (x, self) }
        let frames = Tensor(uninitialized: [batch, outputFrames, kernel])
        Parallel.forEachTile(rows: batch * outputFrames, target: 4096) { _, rows in
            for row in rows {
                let (item, frame) = (row / outputFrames, row % outputFrames)
                (frames.pointer + row * kernel).update(
                    from: x.pointer + item * inputFrames + frame * stride, count: kernel)
            }
        }
        return (
            frames,
            ConvolutionGeometry(input: frames.shape, weight: [outputChannels, 1, kernel], stride: 1)
        )
    }
}

private func convolution(
    _ x: Tensor, weight: Tensor, bias: Tensor?, _ geometry: ConvolutionGeometry
) -> Tensor {
    let (x, g) = geometry.unfoldingWaveform(x)
    let y = Tensor(uninitialized: [g.batch, g.outputFrames, g.outputChannels])
    forEachItemTile(g) { item, rows in
        let output = g.output(y, item: item).rows(rows)
        if let bias { fillRows(output, with: bias) }
        for (index, columns) in g.tapGroups.enumerated() {
            multiply(
                g.unfolded(x, item: item, columns: columns).rows(rows), g.matrix(weight).columns(columns),
                transposeB: true, into: output, beta: bias == nil && index == 0 ? 0 : 1)
        }
    }
    return y
}

/// ∂L/∂x[b, t·stride + j, i] = Σ over the (t, j) that meet there of Σ_o ∂L/∂y[b, t, o] · weight[o, j, i].
///
/// Each group of taps is one matrix product that adds into the input's gradient, seen as rows of
/// stride·Cin floats.
private func inputGradient(_ dy: Tensor, weight: Tensor, _ g: ConvolutionGeometry) -> Tensor {
    let dx = Tensor(uninitialized: [g.batch, g.inputFrames, g.inputChannels])
    Parallel.forEachTile(rows: dx.count, target: elementTile) { _, range in
        (dx.pointer + range.lowerBound).update(repeating: 0, count: range.count)
    }
    for columns in g.tapGroups {
        forEachItemTile(g) { item, rows in
            multiply(
                g.output(dy, item: item).rows(rows), g.matrix(weight).columns(columns),
                into: g.unfolded(dx, item: item, columns: columns).rows(rows), beta: 1)
        }
    }
    return dx
}

/// ∂L/∂weight[o, j, i] = Σ_{b, t} ∂L/∂y[b, t, o] · x[b, t·stride + j, i].
private func weightGradient(_ dy: Tensor, x: Tensor, _ geometry: ConvolutionGeometry) -> Tensor {
    let (x, g) = geometry.unfoldingWaveform(x)
    let dw = Tensor(uninitialized: [g.outputChannels, g.kernel, g.inputChannels])
    let blocks = OutputBlocks(rows: g.outputChannels, columns: g.tapGroups)
    Parallel.forEach(blocks.count) { block in
        let (rows, columns) = blocks[block]
        for item in 0..<g.batch {
            multiply(
                g.output(dy, item: item).columns(rows), g.unfolded(x, item: item, columns: columns),
                transposeA: true, into: g.matrix(dw).rows(rows).columns(columns), beta: item == 0 ? 0 : 1)
        }
    }
    return dw
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

private func forEachItemTile(
    _ g: ConvolutionGeometry, _ body: (_ item: Int, _ rows: Range<Int>) -> Void
) {
    let tiles = Tiling(rows: g.outputFrames, target: 256)
    Parallel.forEach(g.batch * tiles.count) { body($0 / tiles.count, tiles[$0 % tiles.count]) }
}
