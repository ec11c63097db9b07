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
    var gradients: GradientSum
    /// The step of the last batch.
    private(set) var last: TrainingStep?
    /// Recordings of all batches.
    private(set) var paths: [String] = []

    init(_ parameters: [Parameter]) {
        gradients = GradientSum(parameters)
        share = Share(hasGradient: parameters.map { _ in false })
    }

    /// Takes what a batch's forward and backward pass have left.
    /// - Parameter index: its place in the update.
    mutating func add(_ step: TrainingStep, of batch: Batch, index: Int) {
        gradients.take(batch: index)
        share.hasGradient = gradients.isPresent
        share.positives += step.positives
        share.samples += batch.lengths.reduce(0, +)
        share.counters.append(step.counter.sums.map(\.bitPattern))
        last = step
        paths += batch.paths
    }
}
