import Autodiff
import Checkpoints
import Layers
import Tensors
import Training
import Wav2Vec2

/// wav2vec 2.0 as published in BASE, 95 million parameters.
public enum BaseModel {
    /// Samples of a crop in the published training.
    public static let cropSamples = 250_000

    public static let run = Preset.wav2vec2Base.configuration

    /// No layer is dropped, so that every update is the same work.
    public static var configuration: Wav2Vec2Configuration {
        var configuration = run.wav2vec2 ?? .base
        configuration.transformer.layerDrop = 0
        return configuration
    }

    /// Random weights: 380 MB.
    public static func writeCheckpoint(_ path: String) throws {
        try Checkpoint.write(
            path, model: Wav2Vec2Model(configuration), configuration: run, state: RunState(), optimizer: nil)
    }
}

/// A training update of BASE, again and again on one batch: forward pass, backward pass, Adam.
public final class BaseUpdate {
    /// What an update consists of.
    public static let stages = ["forward", "backward", "optimizer"]

    private let model: Wav2Vec2Model
    private let waveforms: Tensor
    private let precision: Precision
    private var adam: Adam
    private var updates = 0

    /// - Parameters:
    ///   - batch: number of crops.
    ///   - precision: of the operands of large products.
    public init(
        batch: Int, samples: Int = BaseModel.cropSamples, precision: Precision = .float32
    ) throws {
        self.precision = precision
        model = try Wav2Vec2Model(BaseModel.configuration)
        adam = Adam(BaseModel.run.optimizer, parameters: model.parameters)
        waveforms = Tensor(PaperModel.waveform(samples: batch * samples), shape: [batch, samples])
    }

    public var cost: WorkCost {
        .update(
            BaseModel.configuration, parameters: model.parameters.reduce(0) { $0 + $1.count },
            batch: waveforms.shape[0], samples: waveforms.shape[1], precision: precision)
    }

    /// Puts weights in the place of random ones.
    public func load(_ path: String) throws { try Checkpoint(path: path).load(into: model.parameters) }

    /// Makes an update.
    /// - Returns: the loss, in nats per prediction, and seconds of each of `stages`.
    @discardableResult
    public func callAsFunction() throws -> (loss: Double, stages: [Double]) {
        var stages: [Double] = []
        var result = 0.0
        let tape = Tape(precision: precision)
        var output: Wav2Vec2Step?
        stages.append(try seconds { output = try step(on: tape) })
        guard let step = output else { return (0, []) }
        let positives = step.scores.shape[0]
        result = Double(step.loss.value.scalar) / Double(positives)
        stages.append(seconds { tape.backward(from: step.loss) })
        stages.append(
            seconds {
                _ = prepareGradients(model.parameters, positives: positives, clipNorm: 0)
                adam.update(model.parameters, learningRate: 1e-5)
                for parameter in model.parameters { parameter.variable.clearGradient() }
            })
        updates += 1
        return (result, stages)
    }

    private func step(on tape: Tape) throws -> Wav2Vec2Step {
        try model.step(
            waveforms, temperature: 2, losses: BaseModel.configuration.loss,
            noise: StepNoise(training: true, update: updates, items: Array(0..<waveforms.shape[0])), on: tape)
    }

    /// The gradient of every parameter, without an update.
    public func gradients() throws -> [NamedGradient] {
        let tape = Tape(precision: precision)
        return takeGradients(model.parameters, on: tape, from: try step(on: tape).loss)
    }
}
