import Autodiff
import Checkpoints
import Layers
import Tensors
import Training
import VQWav2Vec

/// A training update, again and again on one batch: forward pass, backward pass, Adam.
public final class TrainingUpdate {
    /// What an update consists of.
    public static let stages = StepStage.allCases.map(\.rawValue) + ["backward", "optimizer"]

    private let run: RunConfiguration
    private let model: Model
    private let waveforms: Tensor
    private let precision: Precision
    private var adam: Adam
    private var updates = 0

    /// - Parameters:
    ///   - batch: number of crops.
    ///   - samples: of each.
    ///   - precision: of the operands of large products.
    public init(
        _ kind: PaperModel.Kind, batch: Int, samples: Int = PaperModel.cropSamples,
        precision: Precision = .float32
    ) throws {
        self.precision = precision
        run = PaperModel.configuration(kind)
        model = try Model(run.model)
        adam = Adam(run.optimizer, parameters: model.parameters)
        waveforms = Tensor(PaperModel.waveform(samples: batch * samples), shape: [batch, samples])
    }

    public var cost: WorkCost {
        .update(
            run.model, parameters: model.parameters.reduce(0) { $0 + $1.count }, batch: waveforms.shape[0],
            samples: waveforms.shape[1], precision: precision)
    }

    /// Puts weights in the place of random ones.
    public func load(_ path: String) throws { try Checkpoint(path: path).load(into: model) }

    /// Makes an update.
    /// - Returns: the loss, in nats per prediction, and seconds of each of `stages`.
    @discardableResult
    public func callAsFunction() throws -> (loss: Double, stages: [Double]) {
        let clock = ContinuousClock()
        var last = clock.now
        var stages: [Double] = []
        func endStage() {
            let now = clock.now
            stages.append((now - last) / .seconds(1))
            last = now
        }
        let tape = Tape(precision: precision)
        let step = try step(on: tape) { endStage() }
        let loss = Double(step.loss.value.scalar) / Double(step.positives)
        tape.backward(from: step.loss)
        endStage()
        _ = prepareGradients(model.parameters, positives: step.positives, clipNorm: 0)
        adam.update(model.parameters, learningRate: 1e-5)
        for parameter in model.parameters { parameter.variable.clearGradient() }
        endStage()
        updates += 1
        return (loss, stages)
    }

    private func step(on tape: Tape, completed: () -> Void = {}) throws -> StepOutput {
        try model.step(
            waveforms, temperature: 2,
            losses: QuantizerLosses(
                kmeansWeight: run.loss.kmeansWeight, diversityWeight: run.loss.diversityWeight),
            noise: StepNoise(training: true, update: updates, items: Array(0..<waveforms.shape[0])), on: tape,
            completed: { _ in completed() })
    }

    /// The gradient of every parameter, without an update.
    public func gradients() throws -> [NamedGradient] {
        let tape = Tape(precision: precision)
        return takeGradients(model.parameters, on: tape, from: try step(on: tape).loss)
    }
}
