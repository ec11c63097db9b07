import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct ConvolveTests {
    struct Case: Sendable {
        let batch, frames, inputs, outputs, kernel, stride: Int
        let bias: Bool

        init(_ batch: Int, _ frames: Int, _ inputs: Int, _ outputs: Int, k: Int, s: Int, bias: Bool = false) {
            (self.batch, self.frames, self.inputs, self.outputs) = (batch, frames, inputs, outputs)
            (kernel, stride, self.bias) = (k, s, bias)
        }

        var outputFrames: Int { (frames - kernel) / stride + 1 }

        /// y[b, t, o] = Σ_{j, i} x[b, t·stride + j, i] · w[o, j, i].
        var reference: BilinearReference {
            BilinearReference(outputs: batch * outputFrames * outputs) { add in
                for b in 0..<batch {
                    for t in 0..<outputFrames {
                        for o in 0..<outputs {
                            for j in 0..<kernel {
                                for i in 0..<inputs {
                                    add(
                                        (b * outputFrames + t) * outputs + o,
                                        (b * frames + t * stride + j) * inputs + i,
                                        (o * kernel + j) * inputs + i)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    static let cases: [Case] = [
        Case(1, 10, 1, 1, k: 1, s: 1),
        Case(1, 13, 1, 7, k: 1, s: 4),
        // The waveform's way, with samples left over at the end.
        Case(2, 23, 1, 13, k: 10, s: 5),
        Case(2, 4000, 1, 16, k: 10, s: 5, bias: true),
        Case(3, 17, 7, 16, k: 3, s: 1, bias: true),
        Case(2, 30, 7, 5, k: 13, s: 1, bias: true),
        // Kernel < stride: some frames are never seen.
        Case(2, 21, 13, 7, k: 2, s: 3),
        Case(1, 12, 5, 6, k: 1, s: 2, bias: true),
        // Kernel = T.
        Case(1, 9, 16, 33, k: 9, s: 1),
        Case(2, 8, 33, 13, k: 8, s: 4, bias: true),
        // The kernel is no multiple of the stride.
        Case(1, 24, 3, 5, k: 7, s: 3),
        // Nor here, and parts of the taps are computed apart.
        Case(2, 82, 40, 36, k: 3, s: 2, bias: true),
        Case(1, 620, 32, 33, k: 3, s: 2),
        Case(2, 203, 33, 32, k: 5, s: 3, bias: true),
        Case(2, 40, 16, 13, k: 8, s: 4),
        // Several tiles of frames, several blocks of the weight's gradient.
        Case(2, 1000, 7, 13, k: 4, s: 2, bias: true),
        Case(2, 9, 400, 400, k: 4, s: 2),
        Case(1, 7, 512, 512, k: 1, s: 1, bias: true),
        // Wide enough for bilinear algorithms: whole tiles, shorter last ones, several blocks of tiles.
        Case(2, 40, 32, 33, k: 2, s: 1, bias: true),
        Case(1, 300, 33, 32, k: 3, s: 1),
        Case(2, 97, 40, 32, k: 8, s: 4),
        Case(1, 61, 32, 48, k: 13, s: 1, bias: true),
        Case(1, 12_000, 32, 32, k: 2, s: 1),
    ]

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let x = Tensor.random([c.batch, c.frames, c.inputs], 1)
        let weight = Tensor.random([c.outputs, c.kernel, c.inputs], 2)
        let bias = c.bias ? Tensor.random([c.outputs], 3) : nil
        let passes = Passes([x, weight] + (bias.map { [$0] } ?? [])) { tape, v in
            tape.convolve(v[0], weight: v[1], bias: bias == nil ? nil : v[2], stride: c.stride)
        }
        #expect(passes.output.shape == [c.batch, c.outputFrames, c.outputs])

        var expected = c.reference.forward(x.doubles, weight.doubles)
        if let bias = bias?.doubles { for i in expected.indices { expected[i] += bias[i % c.outputs] } }
        expectClose(passes.output, expected, within: 1e-6, "y")

        let seed = passes.seed.doubles
        let gradients = c.reference.gradients(seed, x.doubles, weight.doubles)
        expectClose(passes.gradients[0], gradients.x, within: 1e-6, "∂x")
        expectClose(passes.gradients[1], gradients.w, within: 1e-6, "∂weight")
        #expect(passes.gradients[1]?.shape == weight.shape)
        if c.bias {
            var sums = [Double](repeating: 0, count: c.outputs)
            for i in seed.indices { sums[i % c.outputs] += seed[i] }
            expectClose(passes.gradients[2], sums, within: 1e-7, "∂bias")
        }
    }

    @Test func aConstantInputGetsNoGradient() {
        let tape = Tape(keepingGradients: true)
        let x = Variable.constant(.random([1, 8, 3], 1))
        let weight = Variable.parameter(.random([2, 3, 3], 2))
        tape.backward(from: tape.convolve(x, weight: weight, stride: 1))
        #expect(x.gradient == nil)
        #expect(weight.gradient != nil)
    }
}
