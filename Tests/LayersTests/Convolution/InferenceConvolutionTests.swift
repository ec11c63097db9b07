import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct InferenceConvolutionTests {
    /// Kernels longer and shorter than the stride, and equal to it; several tiles' worth of frames.
    static let cases: [(frames: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int)] = [
        (1, 3, 5, 1, 1), (500, 3, 5, 1, 1), (37, 4, 7, 8, 4), (390, 16, 16, 4, 2), (390, 40, 33, 3, 2),
        (20, 5, 3, 2, 3),
        (13, 6, 9, 7, 3), (10, 33, 17, 13, 1), (203, 40, 33, 3, 1), (41, 16, 48, 8, 4), (24, 2, 2, 5, 5),
    ]

    @Test(arguments: cases, [false, true])
    func equalsDefinition(
        _ c: (frames: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int), hasBias: Bool
    ) {
        let bias = hasBias ? Tensor.random([c.outputs], 3) : nil
        let weight = Tensor.random([c.outputs, c.kernel, c.inputs], 1)
        let convolution = InferenceConvolution(weight: weight, bias: bias, stride: c.stride)
        let rows = convolution.length.inputs(c.frames)
        #expect(rows == (c.frames - 1) * c.stride + c.kernel)
        let x = Tensor.random([rows, c.inputs], 2)
        // One frame more, which must not be written.
        let y = Tensor(uninitialized: [c.frames + 1, c.outputs])
        y.fill(.nan)
        convolution(x.pointer, frames: c.frames, into: y.pointer)
        let reference = (0..<c.frames * c.outputs).map { index in
            let (t, o) = (index / c.outputs, index % c.outputs)
            return (0..<c.kernel * c.inputs).reduce(Double(bias?.pointer[o] ?? 0)) { sum, k in
                sum + Double(x.pointer[t * c.stride * c.inputs + k])
                    * Double(weight.pointer[o * c.kernel * c.inputs + k])
            }
        }
        #expect(y.values.suffix(c.outputs).allSatisfy { $0.isNaN })
        expectClose(Tensor(y.values.dropLast(c.outputs), shape: [reference.count]), reference, within: 1e-6)
    }
}
