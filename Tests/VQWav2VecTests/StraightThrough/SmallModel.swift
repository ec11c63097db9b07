import Autodiff
import Layers
import Tensors
import VQWav2Vec

/// A model that is small but whole, and a batch for it.
enum SmallModel {
    static let (batch, samples) = (2, 2000)

    /// Three convolutions of 16 channels into 48 frames, two groups that share 100 codewords, two aggregator
    /// layers, three steps from four frames ahead on, three negatives.
    static func make(_ kind: QuantizerConfiguration.Kind) throws -> Model {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [.init(16, 10, 5), .init(16, 8, 4), .init(16, 4, 2)]
        configuration.aggregator.layers = [.init(16, 2, 1), .init(16, 3, 1)]
        configuration.quantizer.kind = kind
        configuration.quantizer.variables = 100
        configuration.prediction.steps = 3
        configuration.prediction.offset = 4
        configuration.prediction.negatives = 3
        return try Model(configuration, seed: 3)
    }

    static var waveforms: [Float] { normal(batch * samples, item: 7) }

    static func noise(
        training: Bool = true, update: Int = 0, negatives: [Int32]? = nil
    ) -> StepNoise {
        StepNoise(
            training: training, seed: 9, update: update, items: Array(0..<batch), negatives: negatives)
    }
}

/// The two ways from the loss to ẑ.
struct Paths: OptionSet {
    let rawValue: Int
    /// ẑ as what is predicted and as what it is told apart from.
    static let targets = Paths(rawValue: 1)
    /// ẑ as what the context is made of.
    static let aggregator = Paths(rawValue: 2)
    static let both: Paths = [.targets, .aggregator]
}

/// A training step put together from the model's parts, in which the paths that are not asked for are cut:
/// their values are there, their gradient is not.
struct CutStep {
    let z: Variable
    let quantization: Quantization
    let loss: Variable
    let positives: Int

    /// Runs forward and backward on parameters without gradients.
    init(
        _ model: Model, open paths: Paths, losses: QuantizerLosses = QuantizerLosses(),
        noise: StepNoise = SmallModel.noise(), temperature: Double = 1
    ) throws {
        for parameter in model.parameters { parameter.variable.clearGradient() }
        let tape = Tape(keepingGradients: true)
        let source = Tensor(SmallModel.waveforms, shape: [SmallModel.batch, SmallModel.samples])
        z = model.encoder(source, on: tape)
        quantization = try (model.quantizer ?? { throw ModelError.noQuantizer }()).quantize(
            z, temperature: temperature, losses: losses, noise: noise, on: tape)
        let quantized = quantization.quantized
        let cut = tape.detach(quantized)

        let context = model.aggregator(paths.contains(.aggregator) ? quantized : cut, on: tape, noise: noise)
        let predictions = model.predictor(context, noise: noise, on: tape)
        let targets = paths.contains(.targets) ? quantized : cut
        let (frames, prediction) = (targets.shape[1], model.configuration.prediction)
        let geometry = PredictionGeometry(
            batch: SmallModel.batch, frames: frames, predictedSteps: prediction.steps,
            firstStep: prediction.offset, negatives: prediction.negatives)
        let scores = tape.predictionScores(
            predictions, targets: tape.reshape(targets, [SmallModel.batch * frames, targets.shape[2]]),
            negatives: noise.negatives(model.sampler, frames: frames), geometry: geometry)
        positives = geometry.rows
        var terms = [(tape.binaryContrastiveLoss(scores, negativeWeight: 1), weight: Float(1))]
        if let (value, weight) = quantization.loss {
            terms.append((value, weight: Float(weight * Double(geometry.rows))))
        }
        loss = tape.weightedSum(terms)
        tape.backward(from: loss)
    }
}

extension Variable {
    /// The gradient, zeros where none arrived.
    var slopes: [Float] { gradient?.values ?? [Float](repeating: 0, count: value.count) }
    /// Whether the gradient is exactly zero everywhere.
    var isStill: Bool { slopes.allSatisfy { $0 == 0 } }
}

extension Model {
    /// Which parts got a gradient in each of their parameters, and which in none.
    var moved: [String: Moved] {
        var moved: [String: Moved] = [:]
        for part in parts {
            let still = part.parameters.count { $0.variable.isStill }
            moved[part.name] = still == 0 ? .all : still == part.parameters.count ? .nothing : .some
        }
        return moved
    }
}

enum Moved { case all, some, nothing }
