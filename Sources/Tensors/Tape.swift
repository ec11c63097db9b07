import CKernels

/// A tensor in a computation, and the gradient that the backward pass leaves beside it.
public final class Variable {
    public let value: Tensor
    public fileprivate(set) var gradient: Tensor?
    /// Of each item, over all its values: where the operation that computed them has added them up.
    var moments: [GroupMoments]?
    let needsGradient: Bool
    fileprivate let keepsGradient: Bool

    fileprivate init(_ value: Tensor, needsGradient: Bool, keepsGradient: Bool) {
        self.value = value
        self.needsGradient = needsGradient
        self.keepsGradient = keepsGradient
    }

    /// An input that gets no gradient.
    public static func constant(_ value: Tensor) -> Variable {
        Variable(value, needsGradient: false, keepsGradient: false)
    }

    /// A leaf whose gradient is kept and summed over backward passes until `clearGradient()`.
    public static func parameter(_ value: Tensor) -> Variable {
        Variable(value, needsGradient: true, keepsGradient: true)
    }

    public var shape: [Int] { value.shape }

    public func clearGradient() { gradient = nil }

    /// Lets a function change the gradient in place, where there is one.
    func withOwnGradient(_ change: (Tensor) -> Void) {
        gradient?.makeUnique()
        if let gradient { change(gradient) }
    }

    /// Adds to the gradient. The first addition is kept as it is, shared with whoever else has it.
    fileprivate func accumulate(_ addition: Tensor) {
        precondition(addition.count == value.count)
        guard gradient != nil else {
            gradient = addition.reshaped(value.shape)
            return
        }
        withOwnGradient { gradient in
            Parallel.forEachTile(rows: value.count, target: 1 << 16) { _, range in
                vq_add(gradient.pointer + range.lowerBound, addition.pointer + range.lowerBound, range.count)
            }
        }
    }
}

/// Records operations on the way forward and runs their vector-Jacobian products backward.
///
/// An operation is a method of this class: its file holds the forward function and, directly below, its
/// vector-Jacobian product, which gets ∂L/∂output and returns ∂L/∂input for each input.
public final class Tape {
    typealias VectorJacobianProduct = (_ outputGradient: Tensor) -> [Tensor?]

    private struct Step {
        let output: Variable
        let inputs: [Variable]
        let product: VectorJacobianProduct
    }

    private var steps: [Step] = []
    private let isRecording: Bool
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
    func record(
        _ output: Tensor, inputs: [Variable], product: @escaping VectorJacobianProduct
    ) -> Variable {
        let needed = isRecording && inputs.contains { $0.needsGradient }
        let variable = Variable(output, needsGradient: needed, keepsGradient: keepsGradients)
        if needed { steps.append(Step(output: variable, inputs: inputs, product: product)) }
        return variable
    }

    /// ∂output/∂x for all x, added to the gradients of the parameters. The tape is empty afterwards.
    /// - Parameter seed: ∂L/∂output; ones where it is not given.
    public func backward(from output: Variable, seed: Tensor? = nil) {
        let ones = Tensor(uninitialized: output.shape)
        ones.fill(1)
        output.accumulate(seed ?? ones)
        while let step = steps.popLast() {
            guard let gradient = step.output.gradient else { continue }
            let contributions = step.product(gradient)
            for (input, contribution) in zip(step.inputs, contributions) {
                guard input.needsGradient, let contribution else { continue }
                input.accumulate(contribution)
            }
            if !step.output.keepsGradient { step.output.gradient = nil }
        }
    }
}
