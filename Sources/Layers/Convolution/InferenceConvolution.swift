import Tensors

/// A convolution over time without padding, prepared once for a model and used for all its recordings, a piece at
/// a time: y[t, o] = bias[o] + Σ_{j, i} x[t·stride + j, i] · weight[o, j, i]. It is computed as `Tape.convolve`
/// computes it, with weights that are transformed once.
///
/// After a change of the weights another one is to be made.
package struct InferenceConvolution: Sendable {
    package let inputChannels: Int
    package let outputChannels: Int
    package let length: ConvolutionLength
    private let bias: Tensor?
    private let form: Form

    private enum Form {
        case direct(Tensor)
        case bilinear([ConvolutionPart], [KeptWeight])
    }

    /// - Parameters:
    ///   - weight: [Cout, k, Cin].
    ///   - bias: [Cout], or nil.
    ///   - precision: of the products' operands.
    package init(weight: Tensor, bias: Tensor? = nil, stride: Int, precision: Precision = .float32) {
        precondition(weight.shape.count == 3, "a weight \(weight.shape) is not [Cout, k, Cin]")
        (outputChannels, inputChannels) = (weight.shape[0], weight.shape[2])
        length = ConvolutionLength(kernel: weight.shape[1], stride: stride)
        self.bias = bias
        let geometry = Self.geometry(weight: weight.shape, stride: stride)
        let parts = ConvolutionPlan(precision: precision, forInference: true).parts(for: geometry)
        form =
            parts.isEmpty
            ? .direct(weight)
            : .bilinear(
                parts,
                parts.map {
                    KeptWeight(
                        $0.weight(of: weight, stride: stride), $0.algorithm, precision: $0.precision)
                })
    }

    /// Of a full tile of frames: a shorter one must not be computed in another way.
    static func geometry(weight: [Int], stride: Int) -> ConvolutionGeometry {
        let length = ConvolutionLength(kernel: weight[1], stride: stride)
        return ConvolutionGeometry(
            input: [1, length.inputs(FrameTiles.largest), weight[2]], weight: weight, stride: stride)
    }

    /// Convolves a piece; in a call of `Parallel.forEach` on the calling thread.
    /// - Parameters:
    ///   - input: [length.inputs(frames), Cin].
    ///   - output: [frames, Cout].
    package func callAsFunction(
        _ input: UnsafePointer<Float>, frames: Int, into output: UnsafeMutablePointer<Float>
    ) {
        let x = UnsafeMutablePointer(mutating: input)
        let geometry = ConvolutionGeometry(
            input: [1, length.inputs(frames), inputChannels],
            weight: [outputChannels, length.kernel, inputChannels], stride: length.stride)
        switch form {
        case .direct(let weight):
            DirectConvolution(geometry: geometry).setTile(
                geometry.output(output, item: 0), from: x, weight: weight, bias: bias)
        case .bilinear(let parts, let weights):
            BilinearForm(parts, geometry: geometry).setOutput(
                output, of: { $1.rows(of: x) }, weights: weights, bias: bias, moments: nil)
        }
    }
}
