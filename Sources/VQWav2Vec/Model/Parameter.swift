import Tensors

/// A learned tensor under fairseq's name.
///
/// Values are kept in the order that the operations read, channels last; `fairseqOrder` turns fairseq's
/// shape into ours, so files hold fairseq's layout and nothing else has to know it.
public struct Parameter {
    /// The name in fairseq's state dict, such as `feature_extractor.conv_layers.0.0.weight`.
    public let name: String
    public let variable: Variable
    /// Axis i of our tensor is axis `fairseqOrder[i]` of fairseq's.
    let fairseqOrder: [Int]
    /// fairseq's shape.
    public let fairseqShape: [Int]

    init(_ name: String, shape: [Int], order: [Int]? = nil, initialize: (Tensor) -> Void) {
        self.name = name
        fairseqShape = shape
        fairseqOrder = order ?? Array(shape.indices)
        let value = Tensor(uninitialized: fairseqOrder.map { shape[$0] })
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

/// How PyTorch initialises a layer, with a stream of our own so that a seed always gives the same model.
struct Initializer {
    private var streams = 0
    private let seed: Int?

    /// - Parameter seed: nil leaves the memory of everything that would be random untouched.
    init(seed: Int?) { self.seed = seed }

    /// A stream for the next parameter.
    private mutating func nextStream() -> RandomStream? {
        defer { streams += 1 }
        return seed.map { RandomStream(seed: $0, purpose: .parameters, item: streams) }
    }

    /// U(−1/√fanIn, 1/√fanIn): PyTorch's default for weights and biases of convolutions and linear maps.
    mutating func fan(_ fanIn: Int) -> (Tensor) -> Void {
        let bound = 1 / Float(fanIn).squareRoot()
        return uniform(-bound, bound)
    }

    mutating func uniform(_ low: Float, _ high: Float) -> (Tensor) -> Void {
        guard var stream = nextStream() else { return { _ in } }
        return { tensor in
            for index in 0..<tensor.count {
                tensor.pointer[index] = low + (high - low) * stream.nextUniform()
            }
        }
    }

    mutating func normal(deviation: Float) -> (Tensor) -> Void {
        guard var stream = nextStream() else { return { _ in } }
        return { tensor in
            for index in 0..<tensor.count { tensor.pointer[index] = deviation * stream.nextNormal() }
        }
    }
}

func ones(_ tensor: Tensor) { tensor.fill(1) }
func zeros(_ tensor: Tensor) { tensor.fill(0) }
