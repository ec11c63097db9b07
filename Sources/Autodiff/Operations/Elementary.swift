import Tensors

// Operations that cost nothing: views of the same values, and sums of scalars. Each is so short that its
// vector-Jacobian product stands in the closure itself.
extension Tape {
    /// The same values under another shape; nothing is copied.
    /// - Parameter shape: of as many values.
    public func reshape(_ x: Variable, _ shape: [Int]) -> Variable {
        record(x.value.reshaped(shape), inputs: [x]) { dy in [dy.reshaped(x.shape)] }
    }

    /// sg(x): the same values, cut off from whatever computed them. Nothing is recorded, so no gradient
    /// passes.
    public func detach(_ x: Variable) -> Variable { .constant(x.value) }

    /// Σ_i weight_i · x_i of scalars: a loss made of several terms.
    /// - Parameter terms: tensors of one element each, with their weights.
    /// - Returns: [1]. ∂L/∂x_i = weight_i · ∂L/∂y.
    public func weightedSum(_ terms: [(Variable, weight: Float)]) -> Variable {
        let total = terms.reduce(Float(0)) { $0 + $1.weight * $1.0.value.scalar }
        return record(Tensor([total], shape: [1]), inputs: terms.map(\.0)) { dy in
            terms.map { Tensor([$0.weight * dy.scalar], shape: [1]) }
        }
    }
}
