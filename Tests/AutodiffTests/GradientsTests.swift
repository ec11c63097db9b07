import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct GradientsTests {
    /// Leaves with these gradients.
    private func leaves(_ gradients: [Tensor]) -> [Variable] {
        gradients.map { gradient in
            let leaf = Variable.parameter(Tensor(zeros: gradient.shape))
            let tape = Tape()
            tape.backward(from: tape.reshape(leaf, gradient.shape), seed: gradient)
            return leaf
        }
    }

    @Test func normOverAllTensors() {
        let gradients = [[1], [7], [16, 33], [200_000]].enumerated().map { Tensor.random($1, $0) }
        let sum = gradients.reduce(0.0) { $0 + $1.doubles.reduce(0) { $0 + $1 * $1 } }
        let without = Variable.parameter(Tensor(zeros: [3]))
        #expect(abs(Gradients.scale(leaves(gradients) + [without], by: 1) - sum.squareRoot()) < 1e-12 * sum)
        #expect(Gradients.scale([without], by: 1) == 0)
    }

    /// Squares that float32 cannot hold.
    @Test func normOfExtremes() {
        let huge = leaves([Tensor([3e30, 4e30], shape: [2])])
        #expect(abs(Gradients.scale(huge, by: 1) / 5e30 - 1) < 1e-6)
        let tiny = leaves([Tensor([3e-30, 4e-30], shape: [2])])
        #expect(abs(Gradients.scale(tiny, by: 1) / 5e-30 - 1) < 1e-6)
        #expect(Gradients.scale(leaves([Tensor([1, .nan], shape: [2])]), by: 1).isNaN)
    }

    @Test func scaleChangesAllGradients() {
        let gradients = [Tensor.random([5], 1), Tensor.random([70_000], 2)]
        let variables = leaves(gradients) + [Variable.parameter(Tensor(zeros: [2]))]
        let norm = Gradients.scale(variables, by: 0.3)
        for (variable, gradient) in zip(variables, gradients) {
            #expect(variable.gradient?.values == gradient.values.map { $0 * 0.3 })
        }
        #expect(variables[2].gradient == nil)
        #expect(norm == Gradients.scale(variables, by: 1))
    }

    @Test(arguments: [0, 1, 1023, 1024, 2500, 4999], [Float.nan, .infinity, -.infinity])
    func firstNonFiniteIsFound(_ place: Int, value: Float) {
        let x = Tensor.random([5000], 1)
        #expect(x.firstNonFinite == nil)
        x.pointer[place] = value
        x.pointer[4999] = value
        #expect(x.firstNonFinite == place)
    }

    @Test func largestFiniteValuesAreFinite() {
        let limit = Float.greatestFiniteMagnitude
        #expect(Tensor([limit, -limit, .leastNonzeroMagnitude, 0], shape: [4]).firstNonFinite == nil)
    }
}
