import Autodiff
import Communication
import Layers
import Speech

/// What a process has computed of an update.
struct TrainingPass {
    /// What the others are told of it.
    struct Share: Codable {
        var positives = 0
        var samples = 0
        /// `FigureCounter.sums` of each batch, as bits.
        var counters: [[UInt64]] = []
        /// Of each parameter.
        var hasGradient: [Bool]
        var findings = BatchFindings()
        /// Whether nothing of a batch can be used: the update was not computed then.
        var hasEmptyBatch = false
    }

    var share: Share
    let gradients: GradientSum
    /// The step of the last batch.
    private(set) var last: TrainingStep?
    /// Recordings of all batches.
    private(set) var paths: [String] = []

    /// - Parameter batches: of the update, of all processes.
    init(_ parameters: [Parameter], batches: Int, communicator: any Communicator) {
        gradients = GradientSum(parameters, batches: batches, communicator: communicator)
        share = Share(hasGradient: parameters.map { _ in false })
    }

    /// Runs the backward pass of a batch, and takes what both passes have left.
    /// - Parameter index: its place in the update.
    mutating func add(_ step: TrainingStep, on tape: Tape, of batch: Batch, index: Int) {
        gradients.add(tape, from: step.loss, batch: index)
        share.hasGradient = gradients.isPresent
        share.positives += step.positives
        share.samples += batch.lengths.reduce(0, +)
        share.counters.append(step.counter.sums.map(\.bitPattern))
        last = step
        paths += batch.paths
    }
}
