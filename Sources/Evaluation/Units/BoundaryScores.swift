import Speech

/// How many boundaries of phones the changes of units find.
public struct BoundaryScores: Equatable, Sendable {
    public private(set) var hits = 0
    /// Boundaries of phones.
    public private(set) var reference = 0
    /// Boundaries of units.
    public private(set) var units = 0

    public init() {}

    /// What counts as one moment, in seconds: exactly `tolerance` apart is a hit.
    private static let rounding = 1e-9

    /// Counts the hits of one utterance: each boundary of units within `tolerance` of one of phones, one to one, as
    /// many as possible, which for one tolerance a scan from the left finds (the matching of mir_eval's
    /// `match_events`).
    /// - Parameters:
    ///   - reference: in seconds, in order.
    ///   - units: in seconds, in order.
    ///   - tolerance: in seconds.
    public init(reference: [Double], units: [Double], tolerance: Double) {
        (self.reference, self.units) = (reference.count, units.count)
        var (i, j) = (0, 0)
        while i < reference.count, j < units.count {
            if abs(reference[i] - units[j]) <= tolerance + Self.rounding {
                (hits, i, j) = (hits + 1, i + 1, j + 1)
            } else if reference[i] < units[j] {
                i += 1
            } else {
                j += 1
            }
        }
    }

    mutating func add(_ other: BoundaryScores, times: Int = 1) {
        hits += times * other.hits
        reference += times * other.reference
        units += times * other.units
    }

    public var precision: Double { units > 0 ? Double(hits) / Double(units) : 0 }

    public var recall: Double { reference > 0 ? Double(hits) / Double(reference) : 0 }

    public var f1: Double {
        let sum = precision + recall
        return sum > 0 ? 2 * precision * recall / sum : 0
    }

    /// Units' boundaries over phones', less 1.
    public var overSegmentation: Double { reference > 0 ? Double(units) / Double(reference) - 1 : 0 }

    /// 1 − (|r₁| + |r₂|) / 2 with r₁ = √((1 − R)² + OS²), r₂ = (R − 1 − OS) / √2, R the recall and OS the
    /// over-segmentation (Räsänen et al. 2009). 1 is best; far below 0 where boundaries are too many.
    public var rValue: Double {
        let (recall, over) = (recall, overSegmentation)
        let first = ((1 - recall) * (1 - recall) + over * over).squareRoot()
        let second = (recall - 1 - over) / 2.0.squareRoot()
        return 1 - (first + abs(second)) / 2
    }

    /// Every distinct start or end of an interval but the utterance's first and last, in seconds.
    public static func boundaries(of intervals: [LabelledInterval]) -> [Double] {
        let times = intervals.flatMap { [$0.start, $0.end] }.sorted()
        var distinct: [Double] = []
        for time in times where time - (distinct.last ?? -.infinity) > rounding { distinct.append(time) }
        return Array(distinct.dropFirst().dropLast())
    }

    /// The moments between frames whose units differ, in seconds.
    public static func boundaries(of units: [Int32], centres: FrameCentres) -> [Double] {
        UnitRuns.of(units).dropFirst().map { centres.boundary(before: $0.start) }
    }
}
