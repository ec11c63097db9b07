import Checkpoints
import Communication
import Foundation
import Tensors

/// What processes that train together agree on.
extension Trainer {
    /// Makes sure that all do the same, before anything is written.
    /// - Parameter limit: that of `run`.
    /// - Throws: `CommunicationError.differs`; `TrainingError` where there are more processes than batches or the
    ///   limit has been passed.
    func requireAlike(limit: Int?) throws {
        try communicator.together {
            if let limit, limit < state.update {
                throw TrainingError.endPassed(setting: "--stop-after \(limit)", updates: state.update)
            }
            let batches = configuration.training.accumulateBatches
            guard communicator.size <= batches else {
                throw TrainingError.tooManyProcesses(communicator.size, batches: batches)
            }
        }
        guard communicator.size > 1 else { return }
        let things = try communicator.together {
            [
                ("a program", try Checkpoint.program()), ("a configuration", try configuration.yaml()),
                ("data", "\(data.fingerprint) \(data.skippingUnusable)"), ("a state of the run", "\(state)"),
                ("--stop-after", "\(limit ?? 0)"),
                // Sums of rounded products are others, and afterwards nobody could tell: all apply the same gradients.
                ("instructions for bf16", "\(BFloat16.used(for: configuration.training.precision) ?? "")"),
            ]
        }
        try communicator.requireAlike(things)
        try requireSameWeights()
    }

    /// Makes sure that all have computed the same: cores of different makes may round differently.
    /// - Throws: `CommunicationError.differs`.
    func requireSameWeights() throws {
        guard communicator.size > 1 else { return }
        let fingerprints = parameters.map { parameter in
            let value = parameter.variable.value
            return value.pointer.withMemoryRebound(to: UInt32.self, capacity: value.count) {
                communicator.fingerprint(UnsafeBufferPointer(start: $0, count: value.count))
            }
        }
        try communicator.requireAlike([("weights", "\(fingerprints)")])
    }

    /// Whether any process has been asked to stop.
    func isStopRequested(_ stop: StopSignal) throws -> Bool {
        guard communicator.size > 1 else { return stop.isRequested }
        let signals = try communicator.collect { stop.current }
        guard let signal = signals.first(where: { $0 != 0 }) else { return false }
        stop.agree(on: signal)
        return true
    }

    /// What a signal makes appear, with what a second one would lose. Of several processes the first says it.
    func announce(_ text: String, by stop: StopSignal) {
        guard communicator.isFirst else { return }
        stop.announce(communicator.size > 1 ? text : "\(text); again: stop now, \(whatIsLost)")
    }
}
