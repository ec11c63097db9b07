import CKernels
import Tensors

extension Gradients {
    /// Takes the gradients away from their variables: nil where a variable has none.
    public static func take(from variables: [Variable]) -> [Tensor?] {
        variables.map { variable in
            defer { variable.clearGradient() }
            return variable.gradient
        }
    }

    /// Gives gradients to the variables that they were taken from, or a sum of such.
    public static func give(_ gradients: [Tensor?], to variables: [Variable]) {
        precondition(gradients.count == variables.count, "as many gradients as variables")
        for (variable, gradient) in zip(variables, gradients) { variable.gradient = gradient }
    }

    /// Adds gradients of the same variables, in place.
    public static func add(_ sum: inout [Tensor?], _ gradients: [Tensor?]) {
        precondition(gradients.count == sum.count, "gradients of the same variables")
        for (index, addition) in gradients.enumerated() {
            guard let addition else { continue }
            sum[index]?.makeUnique()
            guard let gradient = sum[index] else {
                sum[index] = addition
                continue
            }
            Parallel.forEachTile(rows: gradient.count, target: 1 << 16) { _, range in
                vq_add(gradient.pointer + range.lowerBound, addition.pointer + range.lowerBound, range.count)
            }
        }
    }
}
