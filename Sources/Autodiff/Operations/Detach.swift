import Tensors

extension Tape {
    /// sg(x): the same values, cut off from whatever computed them. Nothing is recorded, so no gradient
    /// passes.
    public func detach(_ x: Variable) -> Variable { .constant(x.value) }
}
