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
        case bilinear(BilinearAlgorithm, KeptWeight)
    }

    /// - Parameters:
    ///   - weight: [Cout, k, Cin].
    ///   - bias: [Cout], or nil.
    package init(weight: Tensor, bias: Tensor? = nil, stride: Int) {
        precondition(weight.shape.count == 3, "a weight \(weight.shape) is not [Cout, k, Cin]")
        (outputChannels, inputChannels) = (weight.shape[0], weight.shape[2])
        length = ConvolutionLength(kernel: weight.shape[1], stride: stride)
        self.bias = bias
        let algorithm = Self.algorithm(weight: weight.shape, stride: stride)
        form = algorithm.map { .bilinear($0, KeptWeight(weight, $0)) } ?? .direct(weight)
    }

    /// As for a full tile of frames: a shorter one must not be computed in another way.
    static func algorithm(weight: [Int], stride: Int) -> BilinearAlgorithm? {
        let length = ConvolutionLength(kernel: weight[1], stride: stride)
        let geometry = ConvolutionGeometry(
            input: [1, length.inputs(FrameTiles.largest), weight[2]], weight: weight, stride: stride)
        return ConvolutionPlan.algorithm(for: geometry, forInference: true)
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
        case .bilinear(let algorithm, let weight):
            let convolution = BilinearConvolution(geometry: geometry, algorithm: algorithm)
            convolution.setOutput(
                output, of: convolution.rows(of: x), weight: weight, bias: bias, moments: nil)
        }
    }
}
