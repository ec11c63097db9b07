import Tensors

extension Tape {
    /// The same values under another shape; nothing is copied.
    public func reshape(_ x: Variable, _ shape: [Int]) -> Variable {
        record(x.value.reshaped(shape), inputs: [x]) { dy in [dy.reshaped(x.shape)] }
    }
}
