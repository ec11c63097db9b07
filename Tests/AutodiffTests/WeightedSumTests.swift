import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct WeightedSumTests {
    @Test(arguments: [1, 2, 5])
    func equalsItsDefinition(_ count: Int) {
        let terms = (0..<count).map { Tensor.random([1], $0) }
        let weights = (0..<count).map { Float($0) - 1.5 }
        let passes = Passes(terms) { tape, v in
            tape.weightedSum(zip(v, weights).map { ($0, weight: $1) })
        }
        let expected = zip(terms, weights).reduce(0.0) { $0 + Double($1.0.scalar) * Double($1.1) }
        expectClose(passes.output, [expected], within: 3e-7)
        for (gradient, weight) in zip(passes.gradients, weights) {
            #expect(gradient?.values == [weight * passes.seed.scalar])
        }
    }

    @Test func aVariableMayComeTwice() {
        let passes = Passes([Tensor.random([1], 1)]) { $0.weightedSum([($1[0], 2), ($1[0], 0.5)]) }
        expectClose(passes.gradients[0], [2.5 * Double(passes.seed.scalar)], within: 1e-7)
    }
}
