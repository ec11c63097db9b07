import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing
import Wav2Vec2

/// A model that is small but whole, and a batch for it.
enum SmallModel {
    static let (batch, samples) = (2, 1600)

    /// Three convolutions of 16 channels into 79 frames, two groups of 20 codewords, two transformer layers, seven
    /// negatives; no dropout.
    static func make(_ change: (inout Wav2Vec2Configuration) -> Void = { _ in }) throws -> Wav2Vec2Model {
        var configuration = Wav2Vec2Configuration()
        configuration.extractor.layers = [.init(16, 10, 5), .init(16, 3, 2), .init(16, 2, 2)]
        (configuration.extractor.dropout, configuration.extractor.targetDropout) = (0, 0)
        configuration.quantizer.variables = 20
        (configuration.transformer.layers, configuration.transformer.heads) = (2, 4)
        (configuration.transformer.width, configuration.transformer.innerWidth) = (24, 48)
        (configuration.transformer.positionKernel, configuration.transformer.positionGroups) = (8, 2)
        (configuration.transformer.dropout, configuration.transformer.attentionDropout) = (0, 0)
        configuration.transformer.layerDrop = 0
        configuration.mask.time.length = 4
        configuration.prediction.width = 16
        configuration.prediction.negatives = 7
        change(&configuration)
        return try Wav2Vec2Model(configuration, seed: 3)
    }

    static var waveforms: Tensor { .random([batch, samples], 7) }

    static func noise(update: Int = 0) -> StepNoise {
        StepNoise(training: true, seed: 9, update: update, items: Array(0..<batch))
    }
}

/// The ways from the contrastive loss into the model.
struct Paths: OptionSet {
    let rawValue: Int
    /// Through what is predicted and what it is told apart from.
    static let targets = Paths(rawValue: 1)
    /// Through the transformer, which sees frames that were not quantized.
    static let context = Paths(rawValue: 2)
    static let both: Paths = [.targets, .context]
}

/// A training step put together from the model's parts, in which the paths that are not asked for are cut: their values
/// are there, their gradient is not.
struct CutStep {
    let scaled: Variable
    let features: Variable
    let quantization: Quantization
    let contrastive: Variable
    let positives: Int

    /// Runs forward and backward on parameters without gradients.
    /// - Parameters:
    ///   - hasContrastiveLoss: whether the contrastive loss is part of the loss.
    ///   - update: another one draws other noise, for the same task.
    init(
        _ model: Wav2Vec2Model, open paths: Paths = .both, hasContrastiveLoss: Bool = true,
        losses: Wav2Vec2Losses = Wav2Vec2Losses(diversityWeight: 0, penaltyWeight: 0), update: Int = 0,
        temperature: Double = 1
    ) throws {
        for parameter in model.parameters { parameter.variable.clearGradient() }
        let tape = Tape(keepingGradients: true)
        let frames = model.configuration.frames(samples: SmallModel.samples)
        let task = try model.configuration.drawTask(
            frames: frames, lengths: nil, items: SmallModel.batch, noise: SmallModel.noise())
        let noise = SmallModel.noise(update: update)
        scaled = model.extract(SmallModel.waveforms, on: tape).scaled
        let penalty = tape.meanSquare(scaled)
        features = model.norm(scaled, on: tape)
        let input = model.makeInput(
            features, task: task, temperature: temperature, losses: losses, noise: noise, on: tape)
        var context = model.transformer(input.masked, lengths: nil, noise: noise, on: tape)
        var targets = model.makeTargets(
            features, task: task, temperature: temperature, losses: losses, noise: noise, on: tape)
        quantization = try #require(targets.quantization)
        if !paths.contains(.targets) {
            targets.positives = tape.detach(targets.positives)
            targets.table = tape.detach(targets.table)
        }
        if !paths.contains(.context) { context = tape.detach(context) }
        contrastive = tape.infoNCELoss(model.score(context, targets, task: task, on: tape).scores)
        positives = task.positives
        var terms = hasContrastiveLoss ? [(contrastive, weight: Float(1))] : []
        if let (value, weight) = quantization.loss {
            terms.append((value, Float(weight * Double(positives))))
        }
        if losses.penaltyWeight != 0 {
            terms.append((penalty, Float(losses.penaltyWeight * Double(positives))))
        }
        if !terms.isEmpty { tape.backward(from: tape.weightedSum(terms)) }
    }

    var logits: Variable { quantization.codebookInput }
}

extension Variable {
    /// The gradient, zeros where none arrived.
    var slopes: [Float] { gradient?.values ?? [Float](repeating: 0, count: value.count) }
    /// Whether the gradient is exactly zero everywhere.
    var isStill: Bool { slopes.allSatisfy { $0 == 0 } }
}

/// The largest difference, as a share of the largest value.
func error(_ actual: [Float], _ expected: [Double]) -> Double {
    let scale = expected.reduce(1e-12) { max($0, abs($1)) }
    return zip(actual, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / scale
}
