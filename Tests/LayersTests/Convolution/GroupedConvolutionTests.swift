import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct GroupedConvolutionTests {
    struct Case: Sendable {
        let batch, frames, groups, taps, inputs, outputs: Int
    }

    static let cases = [
        (1, 1, 1, 1, 1, 1), (2, 5, 1, 2, 3, 4), (2, 6, 2, 3, 4, 2), (1, 4, 3, 8, 2, 2), (2, 9, 2, 7, 5, 33),
        (1, 150, 2, 4, 3, 3), (2, 3, 2, 16, 40, 48),
        // In the frequency domain: whole and shorter tiles and parts, and fewer frames than taps.
        (2, 150, 1, 128, 16, 16), (1, 200, 2, 100, 12, 20), (3, 60, 1, 96, 33, 16),
    ].map { Case(batch: $0.0, frames: $0.1, groups: $0.2, taps: $0.3, inputs: $0.4, outputs: $0.5) }

    @Test func longKernelsTakeTheFrequencyDomain() {
        for c in Self.cases {
            let cost = GroupedConvolutionCost(
                input: [c.batch, c.frames, c.groups * c.inputs],
                weight: [c.groups, c.taps, c.inputs, c.outputs])
            #expect(cost.direct == Double(2 * c.batch * c.frames * c.groups * c.taps * c.inputs * c.outputs))
            #expect((cost.operations < cost.direct) == (c.taps > 90), "\(c)")
        }
        // BASE, one crop.
        let cost = GroupedConvolutionCost(input: [1, 781, 768], weight: [16, 128, 48, 48])
        #expect(cost.operations < cost.direct / 3)
    }

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let x = Tensor.random([c.batch, c.frames, c.groups * c.inputs], 1)
        let weight = Tensor.random([c.groups, c.taps, c.inputs, c.outputs], 2)
        let bias = Tensor.random([c.groups * c.outputs], 3)
        let passes = Passes([x, weight, bias]) { tape, v in
            tape.groupedConvolution(v[0], weight: v[1], bias: v[2])
        }
        let width = c.groups * c.outputs
        let reference = BilinearReference(outputs: c.batch * c.frames * width) { add in
            for item in 0..<c.batch {
                for frame in 0..<c.frames {
                    for tap in 0..<c.taps where (0..<c.frames).contains(frame + tap - c.taps / 2) {
                        for group in 0..<c.groups {
                            for input in 0..<c.inputs {
                                for output in 0..<c.outputs {
                                    add(
                                        (item * c.frames + frame) * width + group * c.outputs + output,
                                        (item * c.frames + frame + tap - c.taps / 2) * c.groups * c.inputs
                                            + group * c.inputs + input,
                                        ((group * c.taps + tap) * c.inputs + input) * c.outputs + output)
                                }
                            }
                        }
                    }
                }
            }
        }
        var expected = reference.forward(x.doubles, weight.doubles)
        for index in expected.indices { expected[index] += bias.doubles[index % width] }
        expectClose(passes.output, expected, within: 1e-5)
        let gradients = reference.gradients(passes.seed.doubles, x.doubles, weight.doubles)
        expectClose(passes.gradients[0], gradients.x, within: 1e-5, "∂L/∂x")
        expectClose(passes.gradients[1], gradients.w, within: 1e-5, "∂L/∂weight")
        var sums = [Double](repeating: 0, count: width)
        for (index, value) in passes.seed.doubles.enumerated() { sums[index % width] += value }
        expectClose(passes.gradients[2], sums, within: 1e-5, "∂L/∂bias")
    }
}
