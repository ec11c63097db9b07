import Layers
import VQWav2Vec

extension ONNXNetwork {
    /// Waveform [1, N] to ids [T, G] of vq-wav2vec.
    mutating func ids(_ waveform: ONNXGraph.Value, of model: ModelConfiguration) throws -> ONNXGraph.Value {
        let z = try encoder(graph.add("Unsqueeze", waveform, graph.constant([1])), of: model)
        guard model.quantizer.kind == .gumbel, let size = model.codebookSize else {
            return try kmeansIDs(z, of: model)
        }
        return try gumbelIDs(
            z, channels: model.encodedChannels, name: "vector_quantizer", size: size,
            depth: model.quantizer.depth, activation: model.activation)
    }

    /// Waveform [1, 1, N] to z [1, C, T]: see `FeatureEncoder`.
    private mutating func encoder(
        _ waveform: ONNXGraph.Value, of model: ModelConfiguration
    ) throws -> ONNXGraph.Value {
        var (x, channels) = (waveform, 1)
        for (index, layer) in model.encoder.layers.enumerated() {
            let block = "feature_extractor.conv_layers.\(index)"
            let convolved = graph.add(
                "Conv", x, try weight("\(block).0.weight"),
                attributes: [.integers("kernel_shape", [layer.kernel]), .integers("strides", [layer.stride])])
            let y = activate(
                try groupNorm(
                    convolved, affine: model.affineNorm ? "\(block).2" : nil, shape: [layer.channels, 1]),
                model.activation)
            x =
                model.encoder.skipConnections && channels == layer.channels
                ? residualSum(y, x, scale: model.residualScale.squareRoot()) : y
            channels = layer.channels
        }
        guard model.encoder.logCompression else { return x }
        return graph.add("Log", graph.add("Add", graph.add("Abs", x), graph.constant(Float(1))))
    }

    /// (y[t] + x[t · step]) · √ρ, step = ⌊Tx / Ty⌋: known at run time only, like both lengths.
    private mutating func residualSum(
        _ y: ONNXGraph.Value, _ x: ONNXGraph.Value, scale: Double
    ) -> ONNXGraph.Value {
        let (zero, end, time) = (graph.constant([0]), graph.constant([Int(Int32.max)]), graph.constant([2]))
        func frames(_ value: ONNXGraph.Value, _ graph: inout ONNXGraph) -> ONNXGraph.Value {
            graph.add("Gather", graph.add("Shape", value), time)
        }
        let wanted = frames(y, &graph)
        let step = graph.add("Div", frames(x, &graph), wanted)
        let thinned = graph.add("Slice", x, zero, end, time, step)
        let residual = graph.add("Slice", thinned, zero, wanted, time)
        let scale = graph.constant(Float(scale))
        return graph.add("Mul", graph.add("Add", y, residual), scale)
    }

    /// Nearest codeword, argmin_v ‖E_v‖² − 2⟨z, E_v⟩: see `nearestCodewords`.
    private mutating func kmeansIDs(
        _ z: ONNXGraph.Value, of model: ModelConfiguration
    ) throws -> ONNXGraph.Value {
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
}
