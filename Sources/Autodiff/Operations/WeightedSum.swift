import Tensors

extension Tape {
    /// Σ_i weight_i · x_i of scalars: a loss made of several terms.
    /// - Parameter terms: tensors of one element each, with their weights.
    public func weightedSum(_ terms: [(Variable, weight: Float)]) -> Variable {
        let total = terms.reduce(Float(0)) { $0 + $1.weight * $1.0.value.scalar }
        return record(Tensor([total], shape: [1]), inputs: terms.map(\.0)) { dy in
            terms.map { Tensor([$0.weight * dy.scalar], shape: [1]) }
        }
    }
}
