import Autodiff
import Foundation
import OperationSupport
import Tensors
import Testing

@Suite struct AdamStepTests {
    @Test(arguments: [1, 7, 33, 100_000], [0, 0.01])
    func equalsItsDefinition(_ count: Int, weightDecay: Double) {
        let (p, m, v) = (Tensor.random([count], 1), Tensor(zeros: [count]), Tensor(zeros: [count]))
        var (rp, rm, rv) = (p.doubles, m.doubles, v.doubles)
        let (beta1, beta2, epsilon, rate) = (0.9, 0.999, 1e-8, 1e-3)
        for update in 1...5 {
            let g = Tensor.random([count], 10 + update)
            let step =
                rate * (1 - pow(beta2, Double(update))).squareRoot() / (1 - pow(beta1, Double(update)))
            adamStep(
                p, gradient: g, firstMoment: m, secondMoment: v, beta1: beta1, beta2: beta2, epsilon: epsilon,
                step: step, decay: 1 - rate * weightDecay)
            for (i, gradient) in g.doubles.enumerated() {
                rm[i] = beta1 * rm[i] + (1 - beta1) * gradient
                rv[i] = beta2 * rv[i] + (1 - beta2) * gradient * gradient
                rp[i] = rp[i] * (1 - rate * weightDecay) - step * rm[i] / (rv[i].squareRoot() + epsilon)
            }
        }
        expectClose(p, rp, within: 5e-7, "p")
        expectClose(m, rm, within: 5e-7, "m")
        expectClose(v, rv, within: 1e-6, "v")
    }

    /// 1 − β₂ is 0.001 to all digits of float32; of a β₂ rounded first it would be 0.00100004673.
    @Test func complementsAreRoundedOnce() {
        let (p, m, v) = (Tensor(zeros: [1]), Tensor(zeros: [1]), Tensor(zeros: [1]))
        adamStep(
            p, gradient: Tensor([1], shape: [1]), firstMoment: m, secondMoment: v, beta1: 0.9, beta2: 0.999,
            epsilon: 0, step: 1, decay: 1)
        #expect(m.scalar == Float(1 - 0.9))
        #expect(v.scalar == Float(1 - 0.999))
        #expect(abs(Double(p.scalar) + 0.1 / 0.001.squareRoot()) < 1e-6)
    }

    /// ε is added to √v as it is, before any bias correction.
    @Test func epsilonIsAddedToTheRoot() {
        let (p, m, v) = (Tensor(zeros: [1]), Tensor(zeros: [1]), Tensor(zeros: [1]))
        adamStep(
            p, gradient: Tensor([2], shape: [1]), firstMoment: m, secondMoment: v, beta1: 0.5, beta2: 0.75,
            epsilon: 3, step: 8, decay: 1)
        #expect((m.scalar, v.scalar) == (1, 1))
        #expect(p.scalar == -2)
    }
}
