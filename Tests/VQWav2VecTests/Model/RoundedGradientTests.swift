import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing
import VQWav2Vec

/// A whole step with products of bf16 beside the same one of float32: the gradient of every parameter.
@Suite struct RoundedGradientTests {
    /// Wide enough that every kind of layer rounds.
    private func model(_ kind: QuantizerConfiguration.Kind) throws -> Model {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [.init(64, 10, 5), .init(64, 8, 4), .init(64, 4, 2), .init(64, 1, 1)]
        configuration.aggregator.layers = (2...5).map { .init(64, $0, 1) }
        configuration.quantizer.kind = kind
        configuration.quantizer.variables = 8
        configuration.prediction.steps = 3
        configuration.prediction.offset = 4
        configuration.prediction.negatives = 3
        return try Model(configuration, seed: 3)
    }

    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func gradientsAreThoseOfFloat32(kind: QuantizerConfiguration.Kind) throws {
        let model = try model(kind)
        let waveforms = Tensor.random([2, 6000], 1)
        try expectRoundedGradients(
            of: model.parameters.map { ($0.name, $0.variable) }, codebooks: [".vars", ".embedding"]
        ) { tape in
            try model.step(
                waveforms, temperature: 2, losses: QuantizerLosses(kmeansWeight: 1, diversityWeight: 0.1),
                noise: StepNoise(training: true, seed: 9, update: 0, items: [0, 1]), on: tape
            ).loss
        }
    }
}
