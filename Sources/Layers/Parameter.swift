import Autodiff
import Tensors

/// A learned tensor under fairseq's name.
///
/// Values are kept in the order that the operations read, channels last; `fairseqOrder` turns fairseq's
/// shape into ours, so files hold fairseq's layout and nothing else has to know it.
public struct Parameter: Sendable {
    /// The name in fairseq's state dict, such as `feature_extractor.conv_layers.0.0.weight`.
    public let name: String
    public let variable: Variable
    /// Axis i of our tensor is axis `fairseqOrder[i]` of fairseq's.
    package let fairseqOrder: [Int]
    /// fairseq's shape.
    public let fairseqShape: [Int]

    /// While a model is made for the weights of a file, the shapes that it has. Other parameters get no memory: the sizes of
    /// a false description are refused before they cost anything.
    @TaskLocal package static var stored: StoredShapes?

    package init(_ name: String, shape: [Int], order: [Int]? = nil, initialize: (Tensor) -> Void) {
        self.name = name
        fairseqShape = shape
        fairseqOrder = order ?? Array(shape.indices)
        let isNeeded = Self.stored?.contains(name, shape) ?? true
        let value = Tensor(uninitialized: fairseqOrder.map { isNeeded ? shape[$0] : 0 })
        initialize(value)
        variable = .parameter(value)
    }

    public var count: Int { variable.value.count }

    /// A tensor of this parameter's kind (its value, its gradient, a moment) in fairseq's layout.
    public func toFairseq(_ tensor: Tensor) -> Tensor {
        let inverse = fairseqOrder.indices.map { axis in fairseqOrder.firstIndex(of: axis) ?? axis }
        return tensor.reshaped(fairseqOrder.map { fairseqShape[$0] }).transposed(inverse)
    }

    /// The other way.
    public func fromFairseq(_ tensor: Tensor) -> Tensor {
        tensor.reshaped(fairseqShape).transposed(fairseqOrder)
    }
}

/// Whether a file has a tensor of that name and, in fairseq's order, shape. A structure, as Swift 6.3 crashes where a closure
/// itself is bound to a task.
package struct StoredShapes: Sendable {
    let contains: @Sendable (_ name: String, _ shape: [Int]) -> Bool

    package init(_ contains: @escaping @Sendable (_ name: String, _ shape: [Int]) -> Bool) {
        self.contains = contains
    }
}

/// A box of a model's diagram and what it has learned.
public struct ModelPart {
    public let name: String
    public let parameters: [Parameter]

    package init(name: String, parameters: [Parameter]) { (self.name, self.parameters) = (name, parameters) }

    /// Numbers that were learned.
    package var count: Int { parameters.reduce(0) { $0 + $1.count } }
}
