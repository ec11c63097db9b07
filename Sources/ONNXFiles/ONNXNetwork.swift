import Autodiff
import Fairseq
import Layers

/// A graph of layers whose weights have fairseq's names. Values are [1, C, T] where nothing else is said.
struct ONNXNetwork {
    var graph: ONNXGraph
    private let weights: [String: FairseqTensor]

    init(name: String, tensors: [FairseqTensor]) {
        graph = ONNXGraph(name: name)
        weights = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Largest logit: see `GumbelQuantizer`.
    /// - Parameters:
    ///   - z: [1, C, T].
    ///   - name: of the quantizer in fairseq's state dict.
    /// - Returns: [T, G].
    mutating func gumbelIDs(
        _ z: ONNXGraph.Value, channels: Int, name: String, size: CodebookSize, depth: Int,
        activation: Activation
    ) throws -> ONNXGraph.Value {
        let rows = graph.add("Transpose", z, attributes: [.integers("perm", [0, 2, 1])])
        var x = graph.add("Reshape", rows, graph.constant([-1, channels]))
        for index in 0..<depth {
            let isLast = index == depth - 1
            var map = "\(name).weight_proj"
            if depth > 1 { map += isLast ? ".\(index)" : ".\(index).0" }
            x = graph.add(
                "Gemm", x, try weight("\(map).weight"), try weight("\(map).bias"),
                attributes: [.integer("transB", 1)])
            if !isLast { x = activate(x, activation) }
        }
        let logits = graph.add("Reshape", x, graph.constant([-1, size.groups, size.variables]))
        return graph.add(
            "ArgMax", logits, attributes: [.integer("axis", 2), .integer("keepdims", 0)], name: "ids")
    }

    /// (x − μ) / √(σ² + ε) · weight + bias over [G, C / G, T], moments of each of the G blocks.
    ///
    /// The channels of a frame are summed in float32, the frames in float64: sums of millions of squares in
    /// float32, as in onnxruntime's InstanceNormalization, would change ids (an error of 10⁻² for 3·10⁷ values).
    ///
    /// - Parameters:
    ///   - affine: name of the norm whose weight and bias there are; nil for none.
    ///   - shape: of weight and bias, so that they stretch over x.
    mutating func groupNorm(
        _ x: ONNXGraph.Value, affine: String?, shape: [Int]
    ) throws -> ONNXGraph.Value {
        let centred = graph.add("Sub", x, cast(mean(x), .float))
        let variance = mean(graph.add("Mul", centred, centred))
        let deviation = graph.add("Sqrt", graph.add("Add", variance, graph.constant(1e-5)))
        let normal = graph.add("Mul", centred, cast(graph.add("Reciprocal", deviation), .float))
        guard let affine else { return normal }
        let scaled = graph.add("Mul", normal, try weight("\(affine).weight", shape: shape))
        return graph.add("Add", scaled, try weight("\(affine).bias", shape: shape))
    }

    /// [G, C / G, T] float32 to [G, 1, 1] float64.
    private mutating func mean(_ x: ONNXGraph.Value) -> ONNXGraph.Value {
        let frames = graph.add("ReduceMean", x, attributes: [.integers("axes", [1])])
        return graph.add("ReduceMean", cast(frames, .double), attributes: [.integers("axes", [2])])
    }

    mutating func cast(_ x: ONNXGraph.Value, _ type: ONNXTensorProto.DataType) -> ONNXGraph.Value {
        graph.add("Cast", x, attributes: [.integer("to", type.rawValue)])
    }

    /// ReLU, or x · (1 + erf(x / √2)) / 2.
    mutating func activate(_ x: ONNXGraph.Value, _ activation: Activation) -> ONNXGraph.Value {
        guard activation == .gelu else { return graph.add("Relu", x) }
        let error = graph.add("Erf", graph.add("Mul", x, graph.constant(Float(0.5.squareRoot()))))
        let double = graph.add("Mul", x, graph.add("Add", error, graph.constant(Float(1))))
        return graph.add("Mul", double, graph.constant(Float(0.5)))
    }

    /// A constant of fairseq's name.
    mutating func weight(_ name: String, shape: [Int]? = nil) throws -> ONNXGraph.Value {
        let tensor = try tensor(name)
        return graph.constant(name, shape: shape ?? tensor.shape, floats: try tensor.floats())
    }

    func tensor(_ name: String) throws -> FairseqTensor {
        guard let tensor = weights[name] else { throw ONNXError.missing(tensor: name) }
        return tensor
    }
}
