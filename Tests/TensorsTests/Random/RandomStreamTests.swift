import Foundation
import OperationSupport
import Tensors
import Testing

@Suite struct RandomStreamTests {
    static func words(_ stream: RandomStream, _ count: Int = 8) -> [UInt32] {
        var stream = stream
        return (0..<count).map { _ in stream.nextWord() }
    }

    @Test func everyPartOfTheKeyCounts() {
        let streams = [
            RandomStream(seed: 1, purpose: .test, update: 1, item: 1),
            RandomStream(seed: 2, purpose: .test, update: 1, item: 1),
            RandomStream(seed: 1 << 32 | 1, purpose: .test, update: 1, item: 1),
            RandomStream(seed: -1, purpose: .test, update: 1, item: 1),
            RandomStream(seed: 1, purpose: RandomStream.Purpose(6), update: 1, item: 1),
            RandomStream(seed: 1, purpose: RandomStream.Purpose(3), update: 1, item: 1),
            RandomStream(seed: 1, purpose: .test, update: 2, item: 1),
            RandomStream(seed: 1, purpose: .test, update: 1, item: 2),
            RandomStream(seed: 1, purpose: .test, update: 0, item: 1),
        ].map { Self.words($0) }
        #expect(Set(streams).count == streams.count)
        // Not one word in common, at any place.
        #expect(Set(streams.joined()).count == streams.count * 8)
        #expect(Self.words(RandomStream(seed: 1, purpose: .test, update: 1, item: 1)) == streams[0])
    }

    @Test func uniformsStayInsideTheOpenInterval() {
        #expect(RandomStream.openUniform(0) == 0x1p-24)
        #expect(RandomStream.openUniform(.max) == 1 - 0x1p-24)
        #expect(RandomStream.openUniform(1 << 31) == 0.5 + 0x1p-24)
        // Streams that draw both ends.
        var high = RandomStream(seed: 1, purpose: .test, item: 31_126)
        let drawn = (0..<4).map { _ in high.nextUniform() }
        #expect(drawn[3] == 1 - 0x1p-24)
        var low = RandomStream(seed: 1, purpose: .test, item: 808_795)
        #expect(low.nextUniform() == 0x1p-24)
    }

    @Test func uniformsAreUniform() {
        var stream = RandomStream(seed: 1, purpose: .test)
        var counts = [Int](repeating: 0, count: 64)
        for _ in 0..<64_000 { counts[Int(stream.nextUniform() * 64)] += 1 }
        #expect(chiSquareDeviations(counts) < 4)
    }

    @Test func normalsHaveTheirMoments() {
        var stream = RandomStream(seed: 1, purpose: .test)
        let count = 100_000.0
        var moments = [0.0, 0, 0, 0]
        for _ in 0..<Int(count) {
            let x = Double(stream.nextNormal())
            for k in 0..<4 { moments[k] += pow(x, Double(k + 1)) / count }
        }
        // Four standard deviations of each sample moment: √1, √2, √15, √96 over √count.
        for (k, (expected, variance)) in [(0.0, 1.0), (1, 2), (0, 15), (3, 96)].enumerated() {
            #expect(abs(moments[k] - expected) < 4 * (variance / count).squareRoot())
        }
    }

    @Test(arguments: [1, 2, 3, 7, 10, 100, 320])
    func integersAreUniform(_ bound: Int) {
        var stream = RandomStream(seed: 2, purpose: .test, item: bound)
        var counts = [Int](repeating: 0, count: bound)
        for _ in 0..<100 * bound { counts[stream.nextInteger(below: bound)] += 1 }
        #expect(chiSquareDeviations(counts) < 4)
    }

    /// 2³² is no multiple of 3·2³⁰: without rejection every third integer would come twice as often.
    @Test func integersOfALargeBoundHaveNoBias() {
        var stream = RandomStream(seed: 2, purpose: .test)
        var counts = [0, 0, 0]
        for _ in 0..<30_000 { counts[stream.nextInteger(below: 3 << 30) % 3] += 1 }
        #expect(chiSquareDeviations(counts) < 4)
        #expect(stream.nextInteger(below: Int(UInt32.max)) < Int(UInt32.max))
    }

    @Test(arguments: [0, 1, 2, 5, 100])
    func permutationsHoldEveryIndexOnce(_ count: Int) {
        var stream = RandomStream(seed: 3, purpose: .test)
        #expect(stream.permutation(count).sorted() == Array(0..<count))
    }

    /// All 24 orders of four come equally often.
    @Test func permutationsAreUniform() {
        var stream = RandomStream(seed: 3, purpose: .test)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<24_000 { counts[stream.permutation(4), default: 0] += 1 }
        #expect(counts.count == 24)
        #expect(chiSquareDeviations(Array(counts.values)) < 4)
    }
}

/// How many standard deviations χ² of counts that should be alike lies above its mean.
func chiSquareDeviations(_ counts: [Int]) -> Double {
    guard counts.count > 1 else { return 0 }
    let expected = Double(counts.reduce(0, +)) / Double(counts.count)
    let statistic = counts.reduce(0.0) { $0 + pow(Double($1) - expected, 2) / expected }
    let freedom = Double(counts.count - 1)
    return (statistic - freedom) / (2 * freedom).squareRoot()
}
