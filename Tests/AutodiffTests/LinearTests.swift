import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct LinearTests {
    struct Case: Sendable {
        let leading: [Int]
        let inputs, outputs, groups: Int
        /// Values of the bias; 0 for none.
        let bias: Int

        init(_ leading: [Int], _ inputs: Int, _ outputs: Int, groups: Int = 1, bias: Int = 0) {
            (self.leading, self.inputs, self.outputs) = (leading, inputs, outputs)
            (self.groups, self.bias) = (groups, bias)
        }

        var rows: Int { leading.reduce(1, *) }

        /// y[r, o] = Σ_i x[r, i of o's group] · w[o, i]; sizes are those of all groups together.
        var reference: BilinearReference {
            let (width, height) = (inputs / groups, outputs / groups)
            return BilinearReference(outputs: rows * outputs) { add in
                for r in 0..<rows {
                    for o in 0..<outputs {
                        for i in 0..<width {
                            add(r * outputs + o, r * inputs + o / height * width + i, o * width + i)
                        }
                    }
                }
            }
        }
    }

    static let cases: [Case] = [
        Case([1], 1, 1),
        Case([5], 7, 13, bias: 13),
        Case([2, 9], 16, 33),
        Case([3, 4], 16, 6, groups: 2, bias: 6),
        Case([2, 7], 33, 66, groups: 3),
        // One bias for four steps, as the future predictor has it.
        Case([2, 5], 13, 28, bias: 7),
        Case([4], 7, 12, bias: 1),
        Case([2, 400], 7, 13, bias: 13),
        Case([6], 800, 512, bias: 512),
        Case([3], 512, 1024, groups: 2),
    ]

    /// In bf16 it is that of rounded operands, but for the order of sums: those of 32 channels and more, the others as
    /// they are.
    @Test(arguments: [
        Case([3, 37], 33, 66, bias: 66), Case([2, 150], 96, 64, groups: 2), Case([7], 1100, 40, bias: 8),
        Case([2, 9], 16, 33),
    ])
    func roundsLargeOperands(_ c: Case) {
        let isLarge = c.inputs / c.groups >= 32
        let x = Tensor.random(c.leading + [c.inputs], 1)
        let weight = Tensor.random([c.outputs, c.inputs / c.groups], 2)
        let bias = c.bias > 0 ? Tensor.random([c.bias], 3) : nil
        let passes = Passes([x, weight] + (bias.map { [$0] } ?? []), precision: .bf16) { tape, v in
            tape.linear(v[0], weight: v[1], bias: bias == nil ? nil : v[2], groups: c.groups)
        }
        let (seen, factors) = isLarge ? (x.rounded, weight.rounded) : (x, weight)
        var expected = c.reference.forward(seen.doubles, factors.doubles)
        if let bias = bias?.doubles { for i in expected.indices { expected[i] += bias[i % c.bias] } }
        expectClose(passes.output, expected, within: 3e-6)
        let seed = isLarge ? passes.seed.rounded : passes.seed
        let gradients = c.reference.gradients(seed.doubles, seen.doubles, factors.doubles)
        expectClose(passes.gradients[0], gradients.x, within: 3e-6, "∂L/∂x")
        expectClose(passes.gradients[1], gradients.w, within: 3e-6, "∂L/∂weight")
    }

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let x = Tensor.random(c.leading + [c.inputs], 1)
        let weight = Tensor.random([c.outputs, c.inputs / c.groups], 2)
        let bias = c.bias > 0 ? Tensor.random([c.bias], 3) : nil
        let passes = Passes([x, weight] + (bias.map { [$0] } ?? [])) { tape, v in
            tape.linear(v[0], weight: v[1], bias: bias == nil ? nil : v[2], groups: c.groups)
        }
        #expect(passes.output.shape == c.leading + [c.outputs])

        var expected = c.reference.forward(x.doubles, weight.doubles)
        if let bias = bias?.doubles { for i in expected.indices { expected[i] += bias[i % c.bias] } }
        expectClose(passes.output, expected, within: 1e-6, "y")

        let seed = passes.seed.doubles
        let gradients = c.reference.gradients(seed, x.doubles, weight.doubles)
        expectClose(passes.gradients[0], gradients.x, within: 1e-6, "∂x")
        expectClose(passes.gradients[1], gradients.w, within: 1e-6, "∂weight")
        if c.bias > 0 {
            var sums = [Double](repeating: 0, count: c.bias)
            for i in seed.indices { sums[i % c.bias] += seed[i] }
            expectClose(passes.gradients[2], sums, within: 1e-7, "∂bias")
        }
    }

    /// A 1×1 convolution's weight [Cout, Cin, 1] is taken as it is.
    @Test func takesAConvolutionsWeight() {
        let x = Tensor.random([2, 3, 4], 1)
        let weight = Tensor.random([5, 4, 1], 2)
        let convolution = Passes([x, weight]) { $0.linear($1[0], weight: $1[1]) }
        let matrix = Passes([x, weight.reshaped([5, 4])]) { $0.linear($1[0], weight: $1[1]) }
        #expect(convolution.output.values == matrix.output.values)
        #expect(convolution.gradients[1]?.shape == [5, 4, 1])
        #expect(convolution.gradients[1]?.values == matrix.gradients[1]?.values)
    }
}
