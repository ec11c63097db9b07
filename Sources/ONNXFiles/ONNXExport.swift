import Fairseq
import Files
import Foundation
import Layers
import SwiftProtobuf
import VQWav2Vec

/// The part of a model that tokenizes, as an ONNX file: `waveform` [1, samples] float32 in, `ids`
/// [frames, G] int64 out, any number of samples from the receptive field on.
///
/// Operators of ONNX's own set, version 17. Values are [1, C, T], as fairseq has them.
public struct ONNXExport {
    private let model: ModelConfiguration
    private let weights: [String: FairseqTensor]
    private var graph = ONNXGraph(name: "vq-wav2vec tokenizer")

    /// Builds the graph.
    /// - Throws: `ONNXError` for a model without quantizer or of more than two gigabytes.
    public init(_ model: ModelConfiguration, tensors: [FairseqTensor]) throws {
        guard model.quantizer.kind != .none else {
            throw ONNXError.noQuantizer
        }
        guard !model.quantizesContext else { throw ONNXError.quantizedContext }
        let used = tensors.filter {
            $0.name.hasPrefix("feature_extractor.") || $0.name.hasPrefix("vector_quantizer.")
        }
        // A protobuf message has at most 2³¹ − 1 bytes; codewords may be written once for each group.
        let bytes =
            used.reduce(0) { $0 + 4 * $1.count } + 4 * model.quantizer.variables * model.quantizedChannels
        guard bytes < 2_000_000_000 else {
            throw ONNXError.tooLarge(megabytes: bytes / 1_000_000)
        }
        self.model = model
        weights = Dictionary(used.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

        let waveform = graph.input("waveform", .float, shape: [.fixed(1), .named("samples")])
        let z = try encoder(graph.add("Unsqueeze", waveform, graph.constant([1])))
        let ids =
            switch model.quantizer.kind {
            case .gumbel: try gumbelIDs(z)
            case .kmeans, .none: try kmeansIDs(z)
            }
        graph.output(ids, .int64, shape: [.named("frames"), .fixed(model.quantizer.groups)])
    }

    /// - Parameters:
    ///   - program: who writes the file.
    ///   - sampleRate: of the waveforms, in Hz.
    ///   - metadata: entries beside those that follow from the model.
    /// - Throws: `FileError` where the file cannot be written; it appears whole or not at all.
    public func write(_ path: String, program: String, sampleRate: Int, metadata: [String: String]) throws {
        var message = ONNXModelProto()
        message.irVersion = 8
        var operators = ONNXOperatorSetIdProto()
        operators.version = 17
        message.opsetImport = [operators]
        message.producerName = program
        message.docString =
            "waveform [1, samples]: float32 in [-1, 1] at \(sampleRate) Hz, at least \(model.receptiveField) samples. "
            + "ids [frames, \(model.quantizer.groups)]: from 0 to \(model.quantizer.variables - 1)."
        message.graph = graph.message
        var entries = metadata
        entries["sample_rate"] = "\(sampleRate)"
        entries["frame_rate"] = "\(Double(sampleRate) / Double(model.samplesPerFrame))"
        entries["samples_per_frame"] = "\(model.samplesPerFrame)"
        entries["receptive_field"] = "\(model.receptiveField)"
        entries["groups"] = "\(model.quantizer.groups)"
        entries["codewords"] = "\(model.quantizer.variables)"
        message.metadataProps = entries.sorted { $0.key < $1.key }.map { key, value in
            var entry = ONNXStringStringEntryProto()
            (entry.key, entry.value) = (key, value)
            return entry
        }
        try AtomicFile.write(try message.serializedData(), to: path)
    }
}

/// A model that cannot be written as ONNX, and why.
public enum ONNXError: Error, Equatable {
    case noQuantizer
    case quantizedContext
    case tooLarge(megabytes: Int)
    case missing(tensor: String)
}

extension ONNXError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noQuantizer: "\(ModelError.noQuantizer): there is nothing to export to ONNX"
        case .quantizedContext:
            "ids of a model with quantizer.position = aggregator cannot be exported to ONNX; use quantize"
        case .tooLarge(let megabytes):
            "an ONNX file holds at most 2 GB, the encoder has \(megabytes) MB; use safetensors"
        case .missing(let tensor): "the model has no tensor \(tensor)"
        }
    }
}

extension ONNXExport {
    /// Waveform [1, 1, N] to z [1, C, T]: see `FeatureEncoder`.
    private mutating func encoder(_ waveform: ONNXGraph.Value) throws -> ONNXGraph.Value {
        var (x, channels) = (waveform, 1)
        for (index, layer) in model.encoder.layers.enumerated() {
            let block = "feature_extractor.conv_layers.\(index)"
            let convolved = graph.add(
                "Conv", x, try weight("\(block).0.weight"),
                attributes: [.integers("kernel_shape", [layer.kernel]), .integers("strides", [layer.stride])])
            let y = activate(
                try groupNorm(
                    convolved, affine: model.affineNorm ? "\(block).2" : nil, shape: [layer.channels, 1]))
            x = model.encoder.skipConnections && channels == layer.channels ? residualSum(y, x) : y
            channels = layer.channels
        }
        guard model.encoder.logCompression else { return x }
        return graph.add("Log", graph.add("Add", graph.add("Abs", x), graph.constant(Float(1))))
    }

    /// (y[t] + x[t · step]) · √ρ, step = ⌊Tx / Ty⌋: known at run time only, like both lengths.
    private mutating func residualSum(_ y: ONNXGraph.Value, _ x: ONNXGraph.Value) -> ONNXGraph.Value {
        let (zero, end, time) = (graph.constant([0]), graph.constant([Int(Int32.max)]), graph.constant([2]))
        func frames(_ value: ONNXGraph.Value, _ graph: inout ONNXGraph) -> ONNXGraph.Value {
            graph.add("Gather", graph.add("Shape", value), time)
        }
        let wanted = frames(y, &graph)
        let step = graph.add("Div", frames(x, &graph), wanted)
        let thinned = graph.add("Slice", x, zero, end, time, step)
        let residual = graph.add("Slice", thinned, zero, wanted, time)
        let scale = graph.constant(Float(model.residualScale.squareRoot()))
        return graph.add("Mul", graph.add("Add", y, residual), scale)
    }

    /// Largest logit: see `GumbelQuantizer`.
    private mutating func gumbelIDs(_ z: ONNXGraph.Value) throws -> ONNXGraph.Value {
        let quantizer = model.quantizer
        let rows = graph.add("Transpose", z, attributes: [.integers("perm", [0, 2, 1])])
        var x = graph.add("Reshape", rows, graph.constant([-1, model.encodedChannels]))
        for index in 0..<quantizer.depth {
            let isLast = index == quantizer.depth - 1
            var name = "vector_quantizer.weight_proj"
            if quantizer.depth > 1 { name += isLast ? ".\(index)" : ".\(index).0" }
            x = graph.add(
                "Gemm", x, try weight("\(name).weight"), try weight("\(name).bias"),
                attributes: [.integer("transB", 1)])
            if !isLast { x = activate(x) }
        }
        let logits = graph.add("Reshape", x, graph.constant([-1, quantizer.groups, quantizer.variables]))
        return graph.add(
            "ArgMax", logits, attributes: [.integer("axis", 2), .integer("keepdims", 0)], name: "ids")
    }

    /// Nearest codeword, argmin_v ‖E_v‖² − 2⟨z, E_v⟩: see `nearestCodewords`.
    private mutating func kmeansIDs(_ z: ONNXGraph.Value) throws -> ONNXGraph.Value {
        let groups = model.quantizer.groups
        let (width, variables) = (model.quantizedChannels / groups, model.quantizer.variables)
        let projected = graph.add(
            "Conv", z, try weight("vector_quantizer.projection.0.weight"),
            attributes: [.integers("kernel_shape", [1]), .integer("group", groups)])
        let split = graph.add("Reshape", projected, graph.constant([groups, width, -1]))
        let frames = graph.add(
            "Transpose",
            try groupNorm(split, affine: "vector_quantizer.projection.1", shape: [groups, width, 1]),
            attributes: [.integers("perm", [0, 2, 1])])

        // [V, G', d] to −2·E [G, d, V] and ‖E‖² [G, 1, V].
        let embedding = try tensor("vector_quantizer.embedding")
        let (books, values) = (embedding.shape[1], try embedding.floats())
        var (products, norms) = ([Float](), [Float]())
        for group in 0..<groups {
            let book = books == 1 ? 0 : group
            func value(_ codeword: Int, _ axis: Int) -> Float {
                values[(codeword * books + book) * width + axis]
            }
            for axis in 0..<width {
                for codeword in 0..<variables { products.append(-2 * value(codeword, axis)) }
            }
            for codeword in 0..<variables {
                norms.append(
                    Float(
                        (0..<width).reduce(0.0) {
                            $0 + Double(value(codeword, $1)) * Double(value(codeword, $1))
                        }))
            }
        }
        let codewords = graph.constant("codewords", shape: [groups, width, variables], floats: products)
        let squares = graph.constant("squared_norms", shape: [groups, 1, variables], floats: norms)
        let distances = graph.add("Add", graph.add("MatMul", frames, codewords), squares)
        let nearest = graph.add(
            "ArgMin", distances, attributes: [.integer("axis", 2), .integer("keepdims", 0)])
        return graph.add("Transpose", nearest, attributes: [.integers("perm", [1, 0])], name: "ids")
    }

    /// (x − μ) / √(σ² + ε) · weight + bias over [G, C / G, T], moments of each of the G blocks.
    ///
    /// The channels of a frame are summed in float32, the frames in float64: sums of millions of squares in
    /// float32, as in onnxruntime's InstanceNormalization, would change ids (an error of 10⁻² for 3·10⁷ values).
    ///
    /// - Parameters:
    ///   - affine: name of the norm whose weight and bias there are; nil for none.
    ///   - shape: of weight and bias, so that they stretch over x.
    private mutating func groupNorm(
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

    private mutating func cast(_ x: ONNXGraph.Value, _ type: ONNXTensorProto.DataType) -> ONNXGraph.Value {
        graph.add("Cast", x, attributes: [.integer("to", type.rawValue)])
    }

    /// ReLU, or x · (1 + erf(x / √2)) / 2.
    private mutating func activate(_ x: ONNXGraph.Value) -> ONNXGraph.Value {
        guard model.activation == .gelu else { return graph.add("Relu", x) }
        let error = graph.add("Erf", graph.add("Mul", x, graph.constant(Float(0.5.squareRoot()))))
        let double = graph.add("Mul", x, graph.add("Add", error, graph.constant(Float(1))))
        return graph.add("Mul", double, graph.constant(Float(0.5)))
    }

    /// A constant of fairseq's name.
    private mutating func weight(_ name: String, shape: [Int]? = nil) throws -> ONNXGraph.Value {
        let tensor = try tensor(name)
        return graph.constant(name, shape: shape ?? tensor.shape, floats: try tensor.floats())
    }

    private func tensor(_ name: String) throws -> FairseqTensor {
        guard let tensor = weights[name] else { throw ONNXError.missing(tensor: name) }
        return tensor
    }
}
