import Tensors

/// The sizes of a convolution, and its operands as matrices.
package struct ConvolutionGeometry: Sendable {
    let batch: Int
    let inputFrames: Int
    let inputChannels: Int
    package let outputFrames: Int
    let outputChannels: Int
    let kernel: Int
    let stride: Int
    /// From an item to the next one, in floats.
    private let itemStride: Int
    /// From the frames under an output frame to those under the next one, in floats.
    private let rowStride: Int
    /// Where the first row begins in an item, in floats.
    private let firstRow: Int

    /// - Parameters:
    ///   - input: [B, T, Cin].
    ///   - weight: [Cout, k, Cin].
    package init(input: [Int], weight: [Int], stride: Int) {
        precondition(
            input.count == 3 && weight.count == 3 && input[2] == weight[2] && weight[1] > 0
                && input[1] >= weight[1] && stride > 0,
            "x \(input) cannot be convolved with a weight \(weight) and stride \(stride)")
        (batch, inputFrames, inputChannels) = (input[0], input[1], input[2])
        (outputChannels, kernel) = (weight[0], weight[1])
        self.stride = stride
        (itemStride, rowStride, firstRow) = (input[1] * input[2], stride * input[2], 0)
        outputFrames = ConvolutionLength(kernel: kernel, stride: stride).outputs(inputFrames)
    }

    /// A part of a strided convolution, of stride 1 over rows that are a part of the whole's: some frames of each.
    init(of whole: ConvolutionGeometry, frames: Range<Int>, taps: Int) {
        (batch, outputFrames, outputChannels) = (whole.batch, whole.outputFrames, whole.outputChannels)
        (inputFrames, inputChannels) = (whole.outputFrames + taps - 1, frames.count * whole.inputChannels)
        (kernel, stride) = (taps, 1)
        (itemStride, rowStride) = (whole.itemStride, whole.rowStride)
        firstRow = whole.firstRow + frames.lowerBound * whole.inputChannels
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

    func output(_ y: UnsafeMutablePointer<Float>, item: Int) -> MatrixView {
        MatrixView(
            y + item * outputFrames * outputChannels, rows: outputFrames, columns: outputChannels)
    }

    /// [Cout, k·Cin].
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

// A strided convolution whose kernel is a multiple of its stride is one of stride 1 over rows of
// stride·Cin channels: `stride` frames side by side.
extension ConvolutionGeometry {
    /// Taps of that convolution; nil where the kernel is no multiple of the stride.
    var rowTaps: Int? { kernel.isMultiple(of: stride) ? kernel / stride : nil }

    /// Channels of a row.
    var rowChannels: Int { stride * inputChannels }

    /// Rows first..<first + count of an item.
    func rows(_ x: UnsafeMutablePointer<Float>, item: Int, first: Int, count: Int) -> MatrixView {
        MatrixView(
            x + item * itemStride + firstRow + first * rowStride, rows: count, columns: rowChannels,
            stride: rowStride)
    }
}
