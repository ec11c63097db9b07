import Foundation
import Tensors

/// Percentile intervals of figures over resampled utterances (Efron 1979): how far they would be another time.
public struct Bootstrap: Sendable {
    /// Lower and upper percentile, and the sample standard deviation of the resamples.
    public struct Interval: Equatable, Sendable {
        public let lower: Double
        public let upper: Double
        public let standardError: Double

        /// - Parameters:
        ///   - values: of the resamples, at least one.
        ///   - level: what lies inside, 0.95 for 2.5 to 97.5 percent.
        public init(_ values: [Double], level: Double = 0.95) {
            precondition(!values.isEmpty, "an interval of no values")
            let sorted = values.sorted()
            // Linear between order statistics, numpy's default.
            func percentile(_ share: Double) -> Double {
                let place = share * Double(sorted.count - 1)
                let below = Int(place.rounded(.down))
                let above = min(below + 1, sorted.count - 1)
                return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
            }
            (lower, upper) = (percentile((1 - level) / 2), percentile((1 + level) / 2))
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            standardError = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
        }
    }

    /// Resamples that can be asked for: more take memory and tell nothing more.
    public static let most = 100_000

    /// How often each resample has each utterance, [resamples, utterances].
    public let times: [[Int]]

    /// Draws as many utterances as there are, with replacement.
    /// - Precondition: there are utterances, and resamples.
    public init(utterances: Int, resamples: Int = 1000, seed: Int = 0) {
        precondition(utterances > 0 && resamples > 0, "\(resamples) resamples of \(utterances) utterances")
        times = (0..<resamples).map { resample in
            var stream = RandomStream(seed: seed, purpose: .bootstrap, item: resample)
            var times = Array(repeating: 0, count: utterances)
            for _ in 0..<utterances { times[stream.nextInteger(below: utterances)] += 1 }
            return times
        }
    }

    /// Resamples that were drawn elsewhere.
    /// - Parameter draws: for each resample the indices of its utterances.
    /// - Precondition: there is one at least, and every index is below `utterances`.
    public init(draws: [[Int]], utterances: Int) {
        precondition(!draws.isEmpty, "no resamples")
        times = draws.map { draws in
            var times = Array(repeating: 0, count: utterances)
            for draw in draws { times[draw] += 1 }
            return times
        }
    }

    /// The figures of each resample, in the order of `UnitScores.figures`: [resamples, figures].
    public func figures(of units: LabelledUnits, silence: Set<String>) -> [[Double]] {
        Parallel.map(times.count) { resample in
            let scores = units.scores(silence: silence, times: times[resample])
            return UnitScores.figures.map { $0.value(scores) }
        }
    }

    /// The interval of each figure, by its name; of resamples without a labelled frame others count alone.
    public func intervals(of units: LabelledUnits, silence: Set<String>) -> [String: Interval] {
        let figures = figures(of: units, silence: silence)
        var intervals: [String: Interval] = [:]
        for (place, figure) in UnitScores.figures.enumerated() {
            let values = figures.map { $0[place] }.filter { !$0.isNaN }
            if !values.isEmpty { intervals[figure.name] = Interval(values) }
        }
        return intervals
    }
}

extension RandomStream.Purpose {
    static let bootstrap = RandomStream.Purpose(20)
}
