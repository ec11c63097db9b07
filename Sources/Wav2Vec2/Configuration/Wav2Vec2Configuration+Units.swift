import Layers

extension Wav2Vec2Configuration: UnitModelConfiguration {
    public var codebookSize: CodebookSize? {
        quantizer.targets ? CodebookSize(groups: quantizer.groups, variables: quantizer.variables) : nil
    }

    public func timing(of layer: FeatureLayer, sampleRate: Int) -> FrameTiming {
        FrameTiming(hop: samplesPerFrame, window: receptiveField, sampleRate: sampleRate)
    }

    public func require(_ layer: FeatureLayer) throws {
        switch layer {
        case .z, .c: return
        case .logits, .quantized:
            guard quantizer.targets else {
                throw ModelError.noLayer(layer, reason: "its targets are not quantized")
            }
        case .layer(let number):
            guard number <= transformer.layers else {
                throw ModelError.noLayer(layer, reason: "its transformer has \(transformer.layers) layers")
            }
        }
    }
}
