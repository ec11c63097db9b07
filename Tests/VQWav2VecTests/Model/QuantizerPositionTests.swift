import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing
import VQWav2Vec

/// A quantizer behind the aggregator.
@Suite struct QuantizerPositionTests {
    private func model(_ kind: QuantizerConfiguration.Kind) throws -> Model {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [.init(8, 10, 5), .init(8, 8, 4)]
        configuration.aggregator.layers = [.init(12, 3, 1)]
        (configuration.quantizer.kind, configuration.quantizer.position) = (kind, .aggregator)
        (configuration.quantizer.variables, configuration.quantizer.dimension) = (6, 4)
        (configuration.prediction.steps, configuration.prediction.offset) = (2, 1)
        configuration.prediction.infoNCE = true
        return try Model(configuration)
    }

    private func step(_ model: Model, tape: Tape, training: Bool = true) throws -> StepOutput {
        try model.step(
            .random([2, 900], 4), temperature: 1, losses: QuantizerLosses(kmeansWeight: 0),
            noise: StepNoise(training: training, items: [0, 1]), on: tape)
    }

    /// Predictions are made of codewords of c, targets and negatives are frames of z.
    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func codewordsOfContextsPredictFrames(_ kind: QuantizerConfiguration.Kind) throws {
        let model = try model(kind)
        let output = try step(model, tape: Tape())
        let quantized = try #require(output.quantization).quantized
        #expect(quantized.shape == [2, output.z.shape[1], 4])
        #expect(output.predictions.shape == [2 * output.z.shape[1], 2, 8])
        // The score of the first prediction's true frame.
        let weight = model.predictor.weight.variable.value
        let bias = model.predictor.bias.variable.value
        let score = (0..<8).reduce(Float(0)) { sum, channel in
            let prediction = (0..<4).reduce(bias.pointer[channel]) {
                $0 + weight.pointer[channel * 4 + $1] * quantized.value.pointer[$1]
            }
            return sum + prediction * output.z.value.pointer[8 + channel]
        }
        #expect(abs(score - output.scores.value.pointer[0]) < 1e-4)
    }

    /// The gradient goes from the codewords to c, past the codebook of k-means, and on to all that made c; z gets its own
    /// as a target, too.
    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func gradientsReachEveryPart(_ kind: QuantizerConfiguration.Kind) throws {
        let model = try model(kind)
        let tape = Tape(keepingGradients: true)
        let output = try step(model, tape: tape)
        tape.backward(from: output.loss)
        let quantization = try #require(output.quantization)
        if kind == .kmeans {
            let (above, below) = (quantization.quantized.gradient, quantization.codebookInput.gradient)
            #expect(try #require(above).values == #require(below).values)
        }
        for variable in [output.context, output.z] {
            #expect(try #require(variable.gradient).values.contains { $0 != 0 })
        }
        for parameter in model.parameters
        where kind == .gumbel || parameter.name != "vector_quantizer.embedding" {
            let gradient = try #require(parameter.variable.gradient, "\(parameter.name)")
            #expect(gradient.values.contains { $0 != 0 }, "\(parameter.name)")
        }
    }

    /// What is behind the choice is differentiable: against central differences.
    @Test func predictorAndTargetsAgainstCentralDifferences() throws {
        let model = try model(.kmeans)
        let tape = Tape()
        let output = try step(model, tape: tape, training: false)
        tape.backward(from: output.loss)
        let weight = model.predictor.weight.variable
        let gradient = try #require(weight.gradient).values
        for index in stride(from: 0, to: weight.value.count, by: 7) {
            func loss(_ change: Float) throws -> Double {
                let before = weight.value.pointer[index]
                defer { weight.value.pointer[index] = before }
                weight.value.pointer[index] = before + change
                let step = try step(model, tape: Tape(recording: false), training: false)
                return Double(step.loss.value.scalar)
            }
            let slope = (try loss(0.01) - loss(-0.01)) / 0.02
            #expect(abs(slope - Double(gradient[index])) < 2e-2 * max(1, abs(slope)), "\(index)")
        }
    }
}
