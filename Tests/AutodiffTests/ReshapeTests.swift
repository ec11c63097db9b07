import Autodiff
import OperationSupport
import Tensors
import Testing

/// Reshaping shares memory between gradients; sums must not leak from one into another.
@Suite struct ReshapeTests {
    @Test func keepsValuesAndGradients() {
        let x = Tensor.random([2, 3, 4], 1)
        let passes = Passes([x]) { $0.reshape($1[0], [6, 4]) }
        #expect(passes.output.shape == [6, 4])
        #expect(passes.output.values == x.values)
        #expect(passes.gradients[0]?.shape == [2, 3, 4])
        #expect(passes.gradients[0]?.values == passes.seed.values)
    }

    /// Two consumers of a. The view is made last, so that its gradient comes first, and what a then adds to
    /// it must not show in the view's own.
    @Test(arguments: [false, true])
    func gradientsOfTwoConsumersAreSummed(keepingGradients: Bool) {
        let tape = Tape(keepingGradients: keepingGradients)
        let x = Variable.parameter(.random([6], 1))
        let a = tape.reshape(x, [1, 2, 3])
        let y = tape.residualSum(a, a, scale: 0.5)
        let view = tape.reshape(a, [1, 2, 3])
        let z = tape.residualSum(y, view, scale: 2)
        let seed = Tensor.random([1, 2, 3], 2)
        let seedValues = seed.values
        tape.backward(from: z, seed: seed)
        // z = 2(½(a + a) + view)
        #expect(x.gradient?.values == seedValues.map { 4 * $0 })
        #expect(seed.values == seedValues)
        #expect(a.gradient?.values == (keepingGradients ? seedValues.map { 4 * $0 } : nil))
        #expect(view.gradient?.values == (keepingGradients ? seedValues.map { 2 * $0 } : nil))
        #expect(y.gradient?.values == (keepingGradients ? seedValues.map { 2 * $0 } : nil))
        #expect(z.gradient?.values == (keepingGradients ? seedValues : nil))
    }

    /// The gradient that a parameter first gets may be the very memory of the seed.
    @Test func laterPassesDoNotChangeTheSeed() {
        let x = Variable.parameter(.random([4], 1))
        let seeds = [Tensor.random([2, 2], 2), Tensor.random([2, 2], 3)]
        let values = seeds.map(\.values)
        for seed in seeds {
            let tape = Tape()
            tape.backward(from: tape.reshape(x, [2, 2]), seed: seed)
        }
        #expect(x.gradient?.values == zip(values[0], values[1]).map(+))
        Gradients.scale([x], by: 3)
        #expect(x.gradient?.values == zip(values[0], values[1]).map { 3 * ($0 + $1) })
        #expect(seeds.map(\.values) == values)
    }

    @Test func scalingAParameterLeavesKeptGradientsAlone() {
        let tape = Tape(keepingGradients: true)
        let x = Variable.parameter(.random([4], 1))
        let y = tape.reshape(x, [2, 2])
        let seed = Tensor.random([2, 2], 2)
        let values = seed.values
        tape.backward(from: y, seed: seed)
        Gradients.scale([x], by: 0.5)
        #expect(x.gradient?.values == values.map { 0.5 * $0 })
        #expect(y.gradient?.values == values)
        #expect(seed.values == values)
    }
}
