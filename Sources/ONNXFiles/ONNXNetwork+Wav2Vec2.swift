import Autodiff
import Layers
import Wav2Vec2

extension ONNXNetwork {
    /// Waveform [1, N] to ids [T, G] of wav2vec 2.0: extractor, layer norm, largest logits.
    mutating func ids(
        _ waveform: ONNXGraph.Value, of model: Wav2Vec2Configuration
    ) throws -> ONNXGraph.Value {
        guard let size = model.codebookSize else { throw ONNXError.noQuantizer }
        let samples =
            model.extractor.normalizesWaveforms
            ? normalized(waveform, epsilon: model.extractor.normalizationEpsilon) : waveform
        var x = graph.add("Unsqueeze", samples, graph.constant([1]))
        for (index, layer) in model.extractor.layers.enumerated() {
            let block = "feature_extractor.conv_layers.\(index)"
            let attributes: [ONNXGraph.Attribute] = [
                .integers("kernel_shape", [layer.kernel]), .integers("strides", [layer.stride]),
            ]
            let kernel = try weight("\(block).0.weight")
            x =
                model.extractor.bias
                ? graph.add("Conv", x, kernel, try weight("\(block).0.bias"), attributes: attributes)
                : graph.add("Conv", x, kernel, attributes: attributes)
            switch model.extractor.norm {
            case .layer: x = try layerNorm(x, affine: "\(block).2.1")
            case .group where index == 0:
                // Each channel is a group: [C, 1, T].
                let channels = graph.add("Reshape", x, graph.constant([layer.channels, 1, -1]))
                let normal = try groupNorm(channels, affine: "\(block).2", shape: [layer.channels, 1, 1])
                x = graph.add("Reshape", normal, graph.constant([1, layer.channels, -1]))
            case .group: break
            }
            x = activate(x, .gelu)
        }
        return try gumbelIDs(
            try layerNorm(x, affine: "layer_norm"), channels: model.extractedChannels, name: "quantizer",
            size: size, depth: model.quantizer.depth, activation: .gelu)
    }

    /// Mean 0 and variance 1 over all samples, in double precision.
    private mutating func normalized(_ waveform: ONNXGraph.Value, epsilon: Double) -> ONNXGraph.Value {
        func mean(_ x: ONNXGraph.Value, _ graph: inout ONNXGraph) -> ONNXGraph.Value {
            graph.add("ReduceMean", x, attributes: [.integers("axes", [1])])
        }
        let samples = cast(waveform, .double)
        let centred = graph.add("Sub", samples, mean(samples, &graph))
        let variance = mean(graph.add("Mul", centred, centred), &graph)
        let deviation = graph.add("Sqrt", graph.add("Add", variance, graph.constant(epsilon)))
        return cast(graph.add("Div", centred, deviation), .float)
    }

    /// Over the channels of each frame.
    private mutating func layerNorm(_ x: ONNXGraph.Value, affine: String) throws -> ONNXGraph.Value {
        let turn = ONNXGraph.Attribute.integers("perm", [0, 2, 1])
        let normal = graph.add(
            "LayerNormalization", graph.add("Transpose", x, attributes: [turn]),
            try weight("\(affine).weight"),
            try weight("\(affine).bias"), attributes: [.integer("axis", -1)])
        return graph.add("Transpose", normal, attributes: [turn])
    }
}
