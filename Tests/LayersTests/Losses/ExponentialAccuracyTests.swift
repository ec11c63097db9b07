import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

/// exp of `CKernels/vector_math.h`, seen through the softmax of two scores 0 and x ≤ 0: relative to each
/// value, since small probabilities beside large ones would not show otherwise.
@Suite struct ExponentialAccuracyTests {
    private func probabilities(_ x: [Float]) -> [Double] {
        let scores = Tensor(x.flatMap { [0, $0] }, shape: [x.count, 2])
        let tape = Tape()
        let variable = Variable.parameter(scores)
        tape.backward(from: tape.infoNCELoss(variable))
        let gradient = variable.gradient?.doubles ?? []
        return x.indices.map { gradient[2 * $0 + 1] }
    }

    @Test func relativeErrorOverADenseGrid() {
        let x = (0...870_000).map { -Float($0) * 1e-4 }
        let worst = zip(probabilities(x), x).reduce(0) { worst, pair in
            max(worst, abs(pair.0 * (1 + exp(-Double(pair.1))) - 1))
        }
        // 1e-7 of exp, and three roundings of half a unit.
        #expect(worst < 2.8e-7)
    }

    /// Below −87 the result stays at the smallest normal numbers: never zero, never negative.
    @Test func farLeftItIsNearlyNothing() {
        let far = probabilities([-87.5, -100, -1e4, -1e30, -.infinity])
        #expect(far.allSatisfy { $0 > 1e-38 && $0 < 2e-38 })
    }
}
