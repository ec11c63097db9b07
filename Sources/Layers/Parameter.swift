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

    /// Whether a parameter of that name and shape gets memory. While a model is made for the weights of a file, those that
    /// the file does not have like that get none: the sizes of a false description are refused before they cost anything.
    @TaskLocal package static var isNeeded: @Sendable (_ name: String, _ fairseqShape: [Int]) -> Bool = { _, _ in
        true
    }

    package init(_ name: String, shape: [Int], order: [Int]? = nil, initialize: (Tensor) -> Void) {
        self.name = name
        fairseqShape = shape
        fairseqOrder = order ?? Array(shape.indices)
        let isNeeded = Self.isNeeded(name, shape)
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

/// A box of a model's diagram and what it has learned.
public struct ModelPart {
    public let name: String
    public let parameters: [Parameter]

    package init(name: String, parameters: [Parameter]) { (self.name, self.parameters) = (name, parameters) }

    /// Numbers that were learned.
    package var count: Int { parameters.reduce(0) { $0 + $1.count } }
}
