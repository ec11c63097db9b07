import Layers
import Testing
import VQWav2Vec

/// Outputs are computed whole: what does not fit into memory is refused before anything is computed.
@Suite struct FeatureMemoryTests {
    private var configuration: ModelConfiguration {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [ConvolutionLayer(8, 10, 5), ConvolutionLayer(8, 8, 4)]
        configuration.aggregator.layers = [ConvolutionLayer(8, 3, 1)]
        configuration.quantizer.variables = 8
        return configuration
    }

    private func extractor(_ layer: FeatureLayer) throws -> FeatureExtractor {
        try FeatureExtractor(Model(configuration), layer: layer)
    }

    @Test(arguments: [FeatureLayer.z, .logits, .quantized, .c]) func whatDoesNotFit(layer: FeatureLayer)
        throws
    {
        let extractor = try extractor(layer)
        let (short, long) = (16_000, 1_000_000_000)
        // A frame of eight channels for 20 samples: 1.6 GB of z.
        #expect(throws: ModelError.self) { try extractor.require(samples: long, available: 1 << 30) }
        try extractor.require(samples: long, available: 1 << 34)
        // What is small always has a place.
        try extractor.require(samples: short, available: 0)
    }

    /// Of contexts ids too: they are quantized whole. No sample is read.
    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func idsOfContexts(kind: QuantizerConfiguration.Kind) throws {
        var configuration = self.configuration
        (configuration.quantizer.kind, configuration.quantizer.position) = (kind, .aggregator)
        let inference = try InferenceModel(Model(configuration))
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 1) { sample in
            let endless = FrameStore(
                borrowing: UnsafeBufferPointer(start: sample.baseAddress, count: 1 << 48))
            let error = #expect(throws: ModelError.self) { try inference.quantize(endless) }
            guard case .tooLarge(.c, let needed, _) = error else {
                Issue.record("refused for another reason: \(String(describing: error))")
                return
            }
            #expect(needed > 1e14)
        }
    }

    @Test func theMessage() throws {
        let error = #expect(throws: ModelError.self) {
            try extractor(.z).require(samples: 1_000_000_000, available: 1 << 30)
        }
        #expect(
            error?.description
                == "z of the whole recording takes 1.6 GB of memory, and there are 1.1 GB: cut the recording into "
                + "pieces")
    }
}
