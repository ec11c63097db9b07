import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct WeightNormTests {
    @Test(arguments: [(1, 1, 1, 1), (3, 2, 2, 2), (5, 4, 3, 7)])
    func equalsItsDefinition(taps: Int, inputs: Int, groups: Int, outputs: Int) {
        let v = Tensor.random([taps, inputs, groups * outputs], 1)
        let g = Tensor.random([1, 1, taps], 2)
        let passes = Passes([v, g]) { tape, x in tape.weightNorm(x[0], length: x[1], groups: groups) }
        let size = inputs * groups * outputs
        let reference: ([[Double]]) -> [Double] = { x in
            var w = [Double](repeating: 0, count: taps * size)
            for tap in 0..<taps {
                let norm = x[0][tap * size..<(tap + 1) * size].reduce(0) { $0 + $1 * $1 }.squareRoot()
                for input in 0..<inputs {
                    for group in 0..<groups {
                        for output in 0..<outputs {
                            w[((group * taps + tap) * inputs + input) * outputs + output] =
                                x[1][tap] / norm
                                * x[0][tap * size + input * groups * outputs + group * outputs + output]
                        }
                    }
                }
            }
            return w
        }
        let inputs = [v.doubles, g.doubles]
        expectClose(passes.output, reference(inputs), within: 1e-6)
        let gradients = centralDifferences(at: inputs, seed: passes.seed.doubles, of: reference)
        expectClose(passes.gradients[0], gradients[0], within: 1e-5, "∂L/∂v")
        expectClose(passes.gradients[1], gradients[1], within: 1e-5, "∂L/∂g")
    }
}
