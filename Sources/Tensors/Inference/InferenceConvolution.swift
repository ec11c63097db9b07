/// A convolution over time without padding or bias, prepared once for a model and used for all its
/// recordings, a piece at a time:
/// y[t, o] = Σ_{j, i} x[t·stride + j, i] · weight[o, j, i].
///
/// After a change of the weights another one is to be made.
package struct InferenceConvolution {
    package let inputChannels: Int
    package let outputChannels: Int
    package let kernel: Int
    package let stride: Int
    private let weight: Tensor

    /// - Parameter weight: [Cout, k, Cin].
    package init(weight: Tensor, stride: Int) {
        precondition(weight.shape.count == 3)
        (outputChannels, kernel, inputChannels) = (weight.shape[0], weight.shape[1], weight.shape[2])
        (self.weight, self.stride) = (weight, stride)
    }

    /// How many frames of the input so many frames of the output see.
    package func inputFrames(_ frames: Int) -> Int { (frames - 1) * stride + kernel }

    /// Convolves a piece, on the calling thread.
    /// - Parameters:
    ///   - input: [inputFrames(frames), Cin].
    ///   - output: [frames, Cout].
    package func callAsFunction(
        _ input: UnsafePointer<Float>, frames: Int, into output: UnsafeMutablePointer<Float>
    ) {
        let x = UnsafeMutablePointer(mutating: input)
        let y = MatrixView(output, rows: frames, columns: outputChannels)
        let w = MatrixView(weight.pointer, rows: outputChannels, columns: kernel * inputChannels)
        // Groups of `stride` taps, as in `Tape.convolve`.
        for tap in Swift.stride(from: 0, to: kernel, by: stride) {
            let columns = tap * inputChannels..<min(tap + stride, kernel) * inputChannels
            multiply(
                MatrixView(
                    x + columns.lowerBound, rows: frames, columns: columns.count,
                    stride: stride * inputChannels),
                w.columns(columns), transposeB: true, into: y, beta: tap == 0 ? 0 : 1)
        }
    }
}
