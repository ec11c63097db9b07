import CKernels
import Tensors

extension Gradients {
    /// Takes the gradient away from a variable: nil where it has none.
    public static func take(from variable: Variable) -> Tensor? {
        defer { variable.clearGradient() }
        return variable.gradient
    }

    /// Gives gradients to the variables that they were taken from, or a sum of such.
    public static func give(_ gradients: [Tensor?], to variables: [Variable]) {
        precondition(gradients.count == variables.count, "as many gradients as variables")
        for (variable, gradient) in zip(variables, gradients) { variable.gradient = gradient }
    }

    /// Adds a gradient of the same variable, in place; nil is none, and changes nothing.
    public static func add(_ sum: inout Tensor?, _ addition: Tensor?) {
        guard let addition else { return }
        sum?.makeUnique()
        guard let gradient = sum else {
            sum = addition
            return
        }
        Parallel.forEachTile(rows: gradient.count, target: 1 << 16) { _, range in
            vq_add(gradient.pointer + range.lowerBound, addition.pointer + range.lowerBound, range.count)
        }
    }
}
