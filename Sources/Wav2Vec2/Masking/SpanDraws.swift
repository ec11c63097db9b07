import Foundation
import Tensors

/// The random numbers that masks are made of. Tests put in numbers that were drawn elsewhere.
package protocol SpanDraws {
    /// Uniform in [0, 1).
    mutating func uniform() -> Double
    mutating func integer(in range: Range<Int>) -> Int
    mutating func integers(in range: Range<Int>, count: Int) -> [Int]
    mutating func normals(mean: Double, deviation: Double, count: Int) -> [Double]
    mutating func poissons(mean: Double, count: Int) -> [Int]
    /// So many of 0..<bound, none twice.
    mutating func distinct(_ count: Int, below bound: Int) -> [Int]
    /// So many of some frames, none twice.
    mutating func distinct(_ count: Int, of frames: [Int]) -> [Int]
    /// An index, with probabilities in proportion to the weights.
    mutating func index(weights: [Int]) -> Int
}

extension RandomStream: SpanDraws {
    package mutating func uniform() -> Double { Double(nextUniform()) }

    package mutating func integer(in range: Range<Int>) -> Int {
        range.lowerBound + nextInteger(below: range.count)
    }

    package mutating func integers(in range: Range<Int>, count: Int) -> [Int] {
        (0..<count).map { _ in integer(in: range) }
    }

    package mutating func normals(mean: Double, deviation: Double, count: Int) -> [Double] {
        (0..<count).map { _ in mean + deviation * Double(nextNormal()) }
    }

    /// By the product of uniform numbers (Knuth), in logarithms so that no mean is too large.
    package mutating func poissons(mean: Double, count: Int) -> [Int] {
        (0..<count).map { _ in
            var (events, time) = (-1, 0.0)
            while time <= mean {
                time -= log(uniform())
                events += 1
            }
            return events
        }
    }

    package mutating func distinct(_ count: Int, below bound: Int) -> [Int] {
        Array(permutation(bound).prefix(count))
    }

    package mutating func distinct(_ count: Int, of frames: [Int]) -> [Int] {
        distinct(count, below: frames.count).map { frames[$0] }
    }

    package mutating func index(weights: [Int]) -> Int {
        var rest = nextInteger(below: weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            if rest < weight { return index }
            rest -= weight
        }
        return weights.count - 1
    }
}

extension RandomStream.Purpose {
    static let timeMask = RandomStream.Purpose(11)
    static let channelMask = RandomStream.Purpose(12)
    static let negatives = RandomStream.Purpose(13)
}
