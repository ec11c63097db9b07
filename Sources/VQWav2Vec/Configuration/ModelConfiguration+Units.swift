import Layers

extension ModelConfiguration: UnitModelConfiguration {
    public var codebookSize: CodebookSize? {
        quantizer.kind == .none
            ? nil : CodebookSize(groups: quantizer.groups, variables: quantizer.variables)
    }

    public func timing(of layer: FeatureLayer, sampleRate: Int) -> FrameTiming {
        let passed =
            switch layer {
            case .z, .logits, .quantized: 0
            case .layer(let number): number
            case .c: aggregator.layers.count
            }
        var (stride, history) = (1, 1)
        for layer in aggregator.layers.prefix(passed) {
            history += (layer.kernel - 1) * stride
            stride *= layer.stride
        }
        return FrameTiming(
            hop: samplesPerFrame * stride, window: receptiveField, history: history, sampleRate: sampleRate)
    }

    public func require(_ layer: FeatureLayer) throws {
        switch (layer, quantizer.kind) {
        case (.z, _), (.c, _), (.quantized, .gumbel), (.quantized, .kmeans), (.logits, .gumbel): return
        case (.logits, .kmeans):
            throw ModelError.noLayer(layer, reason: "its k-means quantizer goes by distances")
        case (.logits, .none), (.quantized, .none):
            throw ModelError.noLayer(layer, reason: "it has no quantizer (quantizer.kind = none)")
        case (.layer(let number), _):
            guard number <= aggregator.layers.count else {
                throw ModelError.noLayer(
                    layer, reason: "its aggregator has \(aggregator.layers.count) layers")
            }
        }
    }
}
