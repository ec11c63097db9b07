import CKernels
import Tensors

/// A tensor in a computation, and the gradient that the backward pass leaves beside it.
///
/// `@unchecked`: the gradient and the moments change while a tape runs, on the thread that runs it, which has its
/// variables to itself; values do while a model is loaded or updated. A model that nobody changes can be used by all.
public final class Variable: @unchecked Sendable {
    public let value: Tensor
    public internal(set) var gradient: Tensor?
    /// Of each item, over all its values: where the operation that computed them has added them up.
    package var moments: [GroupMoments]?
    /// Whether anything asks for ∂L/∂x: an operation need not compute it otherwise.
    public let needsGradient: Bool
    let keepsGradient: Bool

    init(_ value: Tensor, needsGradient: Bool, keepsGradient: Bool) {
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
    func accumulate(_ addition: Tensor) {
        precondition(
            addition.count == value.count,
            "a gradient of shape \(addition.shape) for values of shape \(shape)")
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
