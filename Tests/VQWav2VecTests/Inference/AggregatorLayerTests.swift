import Layers
import OperationSupport
import Tensors
import Testing
import VQWav2Vec

/// `layer.N`: what has passed N layers of the aggregator.
@Suite struct AggregatorLayerTests {
    /// A width that changes, so that there is a projection of residual sums.
    private let layers = [ConvolutionLayer(8, 3, 1), ConvolutionLayer(12, 2, 1), ConvolutionLayer(12, 3, 1)]
    private let waveform = Tensor.random([4000], 3).values

    private func configuration(
        layers count: Int, _ kind: QuantizerConfiguration.Kind, _ position: QuantizerConfiguration.Position
    ) -> ModelConfiguration {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [ConvolutionLayer(8, 10, 5), ConvolutionLayer(8, 8, 4)]
        configuration.aggregator.layers = Array(layers.prefix(count))
        (configuration.quantizer.kind, configuration.quantizer.position) = (kind, position)
        (configuration.quantizer.variables, configuration.quantizer.dimension) = (6, 8)
        (configuration.prediction.steps, configuration.prediction.offset) = (2, 1)
        return configuration
    }

    @Test(
        arguments: [QuantizerConfiguration.Kind.none, .gumbel, .kmeans],
        [QuantizerConfiguration.Position.encoder, .aggregator])
    func isTheContextOfAModelThatEndsThere(
        _ kind: QuantizerConfiguration.Kind, _ position: QuantizerConfiguration.Position
    ) throws {
        let model = try Model(configuration(layers: 3, kind, position))
        let weights = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.variable.value) })
        for count in 1...3 {
            let shorter = try Model(configuration(layers: count, kind, position))
            // A quantizer behind the aggregator and the predictor can have another width; c does not depend on them.
            for parameter in shorter.parameters {
                guard let value = weights[parameter.name], value.shape == parameter.variable.shape else {
                    continue
                }
                parameter.variable.value.pointer.update(from: value.pointer, count: value.count)
            }
            let expected = try FeatureExtractor(shorter, layer: .c)(waveform)
            let layer = FeatureLayer.layer(count)
            let output = try FeatureExtractor(model, layer: layer)(waveform)
            #expect(output.shape == expected.shape)
            #expect(output.values == expected.values)
            #expect(
                model.configuration.timing(of: layer, sampleRate: 16000)
                    == shorter.configuration.timing(of: .c, sampleRate: 16000))
        }
    }

    @Test func beyondTheLastIsRefused() throws {
        let model = try Model(configuration(layers: 3, .gumbel, .encoder))
        let error = #expect(throws: ModelError.self) { try FeatureExtractor(model, layer: .layer(4)) }
        #expect(error?.description.contains("its aggregator has 3 layers") == true)
    }
}
