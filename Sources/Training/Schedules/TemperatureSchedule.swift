import Foundation
import Layers
import VQWav2Vec

/// Temperature τ of the Gumbel softmax; update 0 has `start`.
///
/// - exponential, n updates done: `max(start · decayⁿ, end)` (fairseq's `vq_temp`);
/// - linear: from `start` to `end` over the first `linearFraction` of all updates, then `end` (the paper, with
///   2 → 0.5 over 70 %).
public struct TemperatureSchedule: Sendable {
    private let configuration: TemperatureConfiguration
    private let maxUpdates: Int

    /// - Parameter maxUpdates: length of the run, which the linear schedule is a share of.
    public init(_ configuration: TemperatureConfiguration, maxUpdates: Int) {
        (self.configuration, self.maxUpdates) = (configuration, maxUpdates)
    }

    /// The temperature of update `update`, counted from 0.
    public func temperature(at update: Int) -> Double {
        let (start, end) = (configuration.start, configuration.end)
        switch configuration.schedule {
        case .exponential:
            return max(start * pow(configuration.decay, Double(update)), end)
        case .linear:
            let length = configuration.linearFraction * Double(maxUpdates)
            return start + (end - start) * min(1, Double(update) / max(length, 1))
        }
    }
}
