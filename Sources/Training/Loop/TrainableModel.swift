import Autodiff
import Checkpoints
import Foundation
import Layers
import Speech
import Tensors
import VQWav2Vec

/// What `Trainer` knows of a model: its parameters, a step, and what it tells of itself.
///
/// A conforming type is a model together with everything that only its training needs: schedules of its own, counts
/// that go from update to update, its warnings. The trainer reads data, optimises, logs, validates and saves, and
/// knows none of that.
public protocol TrainableModel: AnyObject {
    /// The parts of the model by name. Their parameters, in this order, are what the optimizer moves.
    var parts: [ModelPart] { get }

    /// Called with the first batch of a run that begins with random weights, or has new parts, on the first process: the
    /// others take over the weights.
    func begin(on batch: Batch)

    /// The forward pass and the loss of one batch.
    /// - Throws: where the batch cannot be used.
    func step(_ batch: Batch, at place: StepPlace, on tape: Tape) throws -> TrainingStep

    /// Whether the weights are those of another model, with parts of its own to begin: `begin` is called then, too.
    var hasNewParts: Bool { get }

    /// Called when an update is complete: the weights have been moved and every number is finite.
    /// - Parameters:
    ///   - updates: done so far, this one included.
    ///   - counter: of all batches of the update.
    func completeUpdate(_ updates: Int, counting counter: any FigureCounter) -> UpdateCompletion

    /// Called with what a whole validation has counted.
    func completeValidation(_ counter: any FigureCounter)

    /// A counter of nothing yet.
    func emptyCounter() -> any FigureCounter

    /// What follows a schedule of the model's own.
    /// - Parameter update: counted from 0.
    func schedules(at update: Int) -> [ScheduleValue]

    /// Takes the figures of one line of the log, and the norm of the gradient in the last update.
    /// - Returns: a warning in one line, where they are bad in a way that the model knows a remedy for.
    func warning(after figures: any TrainingFigures, gradientNorm: Double) -> String?

    /// Codewords chosen in the last validation; nil before, and for a model without a codebook.
    var validationUsage: CodebookUsage? { get }

    /// What chooses the units; nil for a model without.
    var quantizer: (any Quantizer)? { get }

    /// The units of a recording, with the weights as they are.
    /// - Throws: `ModelError` where it is too short, or the model has no units.
    func units(of waveform: [Float]) throws -> TokenSequence

    /// Writes a checkpoint from which a run can go on.
    /// - Throws: `FileError`.
    func save(to path: String, state: RunState, optimizer: OptimizerState) throws
}

extension TrainableModel {
    public var hasNewParts: Bool { false }
}

/// Which step of a run it is. Random numbers are a function of this and of the recordings.
public struct StepPlace: Sendable {
    /// Updates done before.
    public var update: Int
    /// Batches before this one in the same update, or in the same validation.
    public var index: Int
    /// False in validation, which draws no noise and the same negatives every time.
    public var isTraining: Bool

    public init(update: Int, index: Int, isTraining: Bool) {
        (self.update, self.index, self.isTraining) = (update, index, isTraining)
    }
}

/// What the forward pass of a batch gives to the trainer.
public struct TrainingStep {
    /// What the backward pass starts from: a sum, in nats.
    public var loss: Variable
    /// What the gradients of the sum are divided by: predictions that it is made of.
    public var positives: Int
    /// What was computed, by name and in the order of the computation: where numbers stop being numbers, the first
    /// that is bad is named.
    public var tensors: [(name: String, tensor: Tensor)]
    /// The figures of this batch alone.
    public var counter: any FigureCounter

    public init(
        loss: Variable, positives: Int, tensors: [(name: String, tensor: Tensor)],
        counter: any FigureCounter
    ) {
        (self.loss, self.positives) = (loss, positives)
        (self.tensors, self.counter) = (tensors, counter)
    }
}

/// What a model did when an update was complete.
public struct UpdateCompletion: Sendable {
    /// For people, such as what was changed.
    public var notes: [String]
    /// Whether weights were changed beside what the optimizer does, on frames of the last batch: all processes take
    /// over those of the one that had it. The same on all.
    public var movedWeights: Bool

    public init(notes: [String] = [], movedWeights: Bool = false) {
        (self.notes, self.movedWeights) = (notes, movedWeights)
    }
}

/// Sums what single steps tell, until a line of the log is due.
public protocol FigureCounter {
    /// All that was counted, as plain sums, in an order of its own: processes tell each other these.
    var sums: [Double] { get }

    /// Adds the sums of another counter of the same model.
    mutating func add(_ sums: [Double])

    var figures: any TrainingFigures { get }
}

extension FigureCounter {
    /// Adds what another counter of the same model has counted.
    public mutating func add(_ other: any FigureCounter) { add(other.sums) }
}

/// How well a model does over some audio: named values. Their names and values in `log.jsonl` are those of its
/// encoding, snake-cased.
public protocol TrainingFigures: Encodable, Sendable {
    /// What the best checkpoint has least of, in bits.
    var lossBits: Double { get }
    /// The loss of the best answer that does not look at its input, in bits.
    var chanceBits: Double { get }
    /// Share of the questions that are answered rightly, from 0 to 1; not a number without any.
    var accuracy: Double { get }
    /// The values as people read them, the most important first.
    var fields: [FigureField] { get }
    /// The same of those that stand at the end of a line.
    var minorFields: [FigureField] { get }
    /// More of how well the model predicts, line by line for a table.
    var details: [(label: String, value: String)] { get }
}

/// A value as it stands in a line of the log.
public struct FigureField: Sendable, Equatable {
    public var full: String
    /// The same in fewer characters, for a terminal.
    public var short: String

    public init(_ full: String, short: String? = nil) { (self.full, self.short) = (full, short ?? full) }
}

/// A value that follows a schedule of a model's own, such as a temperature.
public struct ScheduleValue: Sendable, Equatable {
    /// In `log.jsonl`, snake-cased.
    public var key: String
    public var value: Double
    /// In the live line.
    public var text: String

    public init(key: String, value: Double, text: String) {
        (self.key, self.value, self.text) = (key, value, text)
    }

    /// τ of a Gumbel quantizer.
    static func temperature(_ value: Double) -> ScheduleValue {
        ScheduleValue(key: "temperature", value: value, text: String(format: "τ %.2f", value))
    }
}
