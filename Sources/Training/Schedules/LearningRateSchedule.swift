import Checkpoints
import Foundation

/// Linear warm-up, then a polynomial (`PolynomialDecay`) or a cosine that starts anew, shrunk, after each period.
///
/// With warm-up length w, peak h and floor m, update n < w has rate `h₀ + n · (h − h₀)/w`. Afterwards, in
/// period i of length Tᵢ and t updates into it, `mᵢ + ½(hᵢ − mᵢ)(1 + cos πt/Tᵢ)`, where hᵢ and mᵢ are h and m
/// times `shrinkⁱ` and Tᵢ is T₀ times `periodMultiplierⁱ`. Update 0 has the warm-up's first rate h₀.
///
/// Source: fairseq's `cosine` scheduler after Loshchilov and Hutter (arXiv 1608.03983); computed in double.
public struct LearningRateSchedule: Sendable {
    private let configuration: ScheduleConfiguration
    private let firstPeriod: Double
    /// Where that is the decay, of the whole rate.
    private let polynomial: PolynomialDecay?

    /// - Parameter maxUpdates: ends the first period where `periodUpdates` is 0.
    public init(_ configuration: ScheduleConfiguration, maxUpdates: Int) {
        self.configuration = configuration
        let period =
            configuration.periodUpdates > 0
            ? configuration.periodUpdates : maxUpdates - configuration.warmupUpdates
        polynomial =
            configuration.decay == .polynomial
            ? PolynomialDecay(
                start: configuration.warmupInitialLearningRate, peak: configuration.learningRate,
                end: configuration.minimumLearningRate, warmupUpdates: configuration.warmupUpdates,
                maxUpdates: maxUpdates, power: configuration.power) : nil
        // A run that ends within its warm-up never asks for the cosine.
        firstPeriod = Double(max(1, period))
    }

    /// The rate of update `update`, counted from 0.
    public func rate(at update: Int) -> Double {
        if let polynomial { return polynomial.rate(at: update) }
        let peak = configuration.learningRate
        let warmup = configuration.warmupUpdates
        if update < warmup {
            let start = configuration.warmupInitialLearningRate
            return start + Double(update) * ((peak - start) / Double(warmup))
        }
        let (index, elapsed, length) = position(Double(update - warmup))
        let scale = pow(configuration.shrink, index)
        let (low, high) = (configuration.minimumLearningRate * scale, peak * scale)
        return low + 0.5 * (high - low) * (1 + cos(.pi * elapsed / length))
    }

    /// Which period holds the update, how far into it, and its length.
    private func position(_ updates: Double) -> (index: Double, elapsed: Double, length: Double) {
        let growth = configuration.periodMultiplier
        guard growth != 1 else {
            let index = (updates / firstPeriod).rounded(.down)
            return (index, updates - firstPeriod * index, firstPeriod)
        }
        let index = (log(1 - updates / firstPeriod * (1 - growth)) / log(growth)).rounded(.down)
        let start = (1 - pow(growth, index)) / (1 - growth) * firstPeriod
        return (index, updates - start, pow(growth, index) * firstPeriod)
    }
}
