import CKernels
import Tensors

/// One step of Adam on one tensor, in place:
///
///     m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²
///     p ← p · decay − step · m / (√v + ε)
///
/// Numbers come in double precision: 1 − β₂ of a β₂ rounded to float32 would be off in the fifth digit.
///
/// - Parameters:
///   - step: learning rate with the bias correction, η·√(1 − β₂ᵗ)/(1 − β₁ᵗ).
///   - decay: 1 − η · weight decay.
public func adamStep(
    _ p: Tensor, gradient g: Tensor, firstMoment m: Tensor, secondMoment v: Tensor, beta1: Double,
    beta2: Double, epsilon: Double, step: Double, decay: Double
) {
    precondition(
        [g, m, v].allSatisfy { $0.count == p.count },
        "Adam's tensors differ in size: \(p.shape), \(g.shape), \(m.shape), \(v.shape)")
    Parallel.forEachTile(rows: p.count, target: elementTile) { _, range in
        let start = range.lowerBound
        vq_adam(
            p.pointer + start, g.pointer + start, m.pointer + start, v.pointer + start, range.count,
            Float(beta1), Float(1 - beta1), Float(beta2), Float(1 - beta2), Float(epsilon), Float(step),
            Float(decay))
    }
}
