import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing
import Wav2Vec2

/// A whole step with products of bf16 beside the same one of float32: the gradient of every parameter.
@Suite struct RoundedGradientTests {
    /// Wide enough that every kind of layer rounds.
    private func model() throws -> Wav2Vec2Model {
        var configuration = Wav2Vec2Configuration()
        configuration.extractor.layers = [
            .init(64, 10, 5), .init(64, 3, 2), .init(64, 3, 2), .init(64, 2, 2),
        ]
        configuration.quantizer.variables = 8
        (configuration.transformer.layers, configuration.transformer.heads) = (2, 2)
        (configuration.transformer.width, configuration.transformer.innerWidth) = (64, 128)
        (configuration.transformer.positionKernel, configuration.transformer.positionGroups) = (6, 2)
        configuration.transformer.layerDrop = 0
        configuration.mask.time.length = 4
        (configuration.prediction.width, configuration.prediction.negatives) = (32, 5)
        return try Wav2Vec2Model(configuration, seed: 3)
    }

    @Test func gradientsAreThoseOfFloat32() throws {
        let model = try model()
        let waveforms = Tensor.random([2, 6000], 1)
        // No key has more of a query than another by the bias of keys: its gradient is what rounding leaves.
        try expectRoundedGradients(
            of: model.parameters.map { ($0.name, $0.variable) }, codebooks: [".vars"],
            exceptions: ["k_proj.bias"]
        ) { tape in
            try model.step(
                waveforms, temperature: 2, losses: Wav2Vec2Losses(diversityWeight: 0.1, penaltyWeight: 10),
                noise: StepNoise(training: true, seed: 9, update: 0, items: [0, 1]), on: tape
            ).loss
        }
    }
}
