import CKernels

/// One step of Adam on one tensor, in place:
///
///     m ← β₁m + (1 − β₁)g        v ← β₂v + (1 − β₂)g²
///     p ← p · decay − step · m / (√v + ε)
///
/// - Parameters:
///   - step: learning rate with the bias correction, η·√(1 − β₂ᵗ)/(1 − β₁ᵗ).
///   - decay: 1 − η · weight decay.
public func adamStep(
    _ p: Tensor, gradient g: Tensor, firstMoment m: Tensor, secondMoment v: Tensor, beta1: Float,
    beta2: Float, epsilon: Float, step: Float, decay: Float
) {
    precondition(p.count == g.count && p.count == m.count && p.count == v.count)
    Parallel.forEachTile(rows: p.count, target: elementTile) { _, range in
        let start = range.lowerBound
        vq_adam(
            p.pointer + start, g.pointer + start, m.pointer + start, v.pointer + start, range.count, beta1,
            beta2, epsilon, step, decay)
    }
}
