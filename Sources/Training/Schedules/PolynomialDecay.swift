import Foundation

/// Linear warm-up, then a polynomial from the peak to the end: with warm-up length w, start h₀, peak h, end e and a run
/// of N updates, update n ≤ w has rate `h₀ + n/w · (h − h₀)`, and later ones `e + (h − e) · (1 − (n − w)/(N − w))ᵖ`.
///
/// With h₀ = 0, as fairseq has it, the first update has rate 0. Source: fairseq's `polynomial_decay`; computed in double.
public struct PolynomialDecay: Sendable {
    private let start: Double
    private let peak: Double
    private let end: Double
    private let warmupUpdates: Int
    private let maxUpdates: Int
    private let power: Double

    /// - Parameters:
    ///   - maxUpdates: N; later updates have rate e.
    ///   - power: p.
    public init(
        start: Double = 0, peak: Double, end: Double = 0, warmupUpdates: Int, maxUpdates: Int,
        power: Double = 1
    ) {
        (self.start, self.peak, self.end, self.power) = (start, peak, end, power)
        (self.warmupUpdates, self.maxUpdates) = (warmupUpdates, maxUpdates)
    }

    /// The rate of update `update`, counted from 0.
    public func rate(at update: Int) -> Double {
        if warmupUpdates > 0, update <= warmupUpdates {
            return start + Double(update) / Double(warmupUpdates) * (peak - start)
        }
        guard update < maxUpdates else { return end }
        let elapsed = Double(update - warmupUpdates) / Double(maxUpdates - warmupUpdates)
        return end + (peak - end) * pow(1 - elapsed, power)
    }
}
