import Tensors

/// Records operations on the way forward and runs their vector-Jacobian products backward.
///
/// An operation is a method of this class, in whatever target it belongs to: its file holds the forward function
/// and, directly below, its vector-Jacobian product, which gets ∂L/∂output and returns ∂L/∂input for each input.
public final class Tape {
    public typealias VectorJacobianProduct = (_ outputGradient: Tensor) -> [Tensor?]

    private struct Step {
        let output: Variable
        let inputs: [Variable]
        let product: VectorJacobianProduct
    }

    private var steps: [Step] = []
    /// Whether a backward pass will follow.
    package let isRecording: Bool
    private let keepsGradients: Bool

    /// - Parameters:
    ///   - recording: whether a backward pass will follow. Without, intermediate tensors are freed as soon
    ///     as the next operation has read them.
    ///   - keepingGradients: keep ∂L/∂x of all intermediate variables, for tests and demonstrations.
    public init(recording: Bool = true, keepingGradients: Bool = false) {
        isRecording = recording
        keepsGradients = keepingGradients
    }

    /// Registers the output of an operation. The vector-Jacobian product is dropped unless it can matter.
    /// - Parameter product: from ∂L/∂output to ∂L/∂input for each of `inputs`, in their order; nil for one that
    ///   gets none.
    public func record(
        _ output: Tensor, inputs: [Variable], product: @escaping VectorJacobianProduct
    ) -> Variable {
        let needed = isRecording && inputs.contains { $0.needsGradient }
        let variable = Variable(output, needsGradient: needed, keepsGradient: keepsGradients)
        if needed { steps.append(Step(output: variable, inputs: inputs, product: product)) }
        return variable
    }

    /// ∂L/∂x for all x, added to the gradients of the parameters. The tape is empty afterwards.
    /// - Parameters:
    ///   - seed: ∂L/∂output, of its shape; ones where it is not given.
    ///   - complete: called with each variable that keeps its gradient, as parameters do, as soon as no step is left
    ///     that adds to that, while others are still to be run; never with one that no step has read.
    public func backward(
        from output: Variable, seed: Tensor? = nil, complete: ((Variable) -> Void)? = nil
    ) {
        let ones = Tensor(uninitialized: output.shape)
        ones.fill(1)
        output.accumulate(seed ?? ones)
        var readers = complete == nil ? [:] : countReaders()
        while let step = steps.popLast() {
            if let gradient = step.output.gradient {
                let contributions = step.product(gradient)
                precondition(
                    contributions.count == step.inputs.count,
                    "\(contributions.count) gradients for \(step.inputs.count) inputs of an operation")
                for (input, contribution) in zip(step.inputs, contributions) {
                    guard input.needsGradient, let contribution else { continue }
                    input.accumulate(contribution)
                }
                if !step.output.keepsGradient { step.output.gradient = nil }
            }
            guard let complete else { continue }
            for input in step.inputs where input.keepsGradient {
                guard let left = readers[ObjectIdentifier(input)] else { continue }
                readers[ObjectIdentifier(input)] = left > 1 ? left - 1 : nil
                if left == 1 { complete(input) }
            }
        }
    }

    /// How often the steps read each variable that keeps its gradient.
    private func countReaders() -> [ObjectIdentifier: Int] {
        var readers: [ObjectIdentifier: Int] = [:]
        for input in steps.lazy.flatMap(\.inputs) where input.keepsGradient {
            readers[ObjectIdentifier(input), default: 0] += 1
        }
        return readers
    }
}
