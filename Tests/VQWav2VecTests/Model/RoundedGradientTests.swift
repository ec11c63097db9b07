import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing
import VQWav2Vec

/// A whole step with products of bf16 beside the same one of float32: the gradient of every parameter.
@Suite struct RoundedGradientTests {
    /// Wide enough that every kind of layer rounds; no log compression, which has its steepest slope where rounding
    /// changes signs.
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
        emulateMissingBFloat16()
        let model = try model(kind)
        let waveforms = Tensor.random([2, 6000], 1)
        func gradients(_ precision: Precision) throws -> [Tensor] {
            let tape = Tape(precision: precision)
            let step = try model.step(
                waveforms, temperature: 2, losses: QuantizerLosses(kmeansWeight: 1, diversityWeight: 0.1),
                noise: StepNoise(training: true, seed: 9, update: 0, items: [0, 1]), on: tape)
            tape.backward(from: step.loss)
            defer { for parameter in model.parameters { parameter.variable.clearGradient() } }
            return try model.parameters.map { try #require($0.variable.gradient, "\($0.name)") }
        }
        let (exact, rounded) = try (gradients(.float32), gradients(.bf16))
        var moved = 0
        for (parameter, (exact, rounded)) in zip(model.parameters, zip(exact, rounded)) {
            let (cosine, error) = (rounded.cosine(to: exact), rounded.relativeError(to: exact))
            // A frame whose codeword changes moves a row of the codebook by all that it gets.
            let isCodebook = parameter.name.hasSuffix(".vars") || parameter.name.hasSuffix(".embedding")
            let bound = isCodebook ? 0.9 : 0.98
            #expect(cosine > bound, "\(parameter.name): cosine \(cosine), relative error \(error)")
            if error > 1e-4 { moved += 1 }
        }
        #expect(moved > model.parameters.count / 2, "rounding has changed \(moved) gradients")
    }
}
