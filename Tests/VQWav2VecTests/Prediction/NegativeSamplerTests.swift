import Tensors
import Testing
import VQWav2Vec

@Suite struct NegativeSamplerTests {
    private func sample(
        _ negatives: Int, cross: Int = 0, distance: Int = 0, frames: Int, items: [Int], update: Int = 0
    ) -> [Int] {
        var configuration = PredictionConfiguration()
        configuration.negatives = negatives
        configuration.crossSampleNegatives = cross
        configuration.sampleDistance = distance
        let streams = items.map { RandomStream(seed: 1, purpose: .negatives, update: update, item: $0) }
        return NegativeSampler(configuration).sample(frames: frames, streams: streams).map(Int.init)
    }

    @Test(arguments: [2, 3, 7, 60], [0, 2, 5])
    func ownNegativesComeFromTheUtterance(_ frames: Int, distance: Int) {
        let rows = sample(10, distance: distance, frames: frames, items: [4, 5, 6])
        #expect(rows.count == 3 * frames * 10)
        let reach = distance == 0 ? frames : min(frames, distance)
        for (index, row) in rows.enumerated() {
            let target = index / 10
            #expect(row != target)
            #expect(row / frames == target / frames)
            #expect(row % frames < reach)
        }
    }

    @Test func negativesOfTheBatchFollowTheOwn() {
        let (frames, items) = (6, 3)
        let rows = sample(2, cross: 40, frames: frames, items: [1, 2, 3])
        #expect(rows.count == items * frames * 42)
        var others = 0
        for (index, row) in rows.enumerated() {
            let target = index / 42
            #expect(row != target)
            #expect((0..<items * frames).contains(row))
            if index % 42 < 2 {
                #expect(row / frames == target / frames)
            } else if row / frames != target / frames {
                others += 1
            }
        }
        // 12 of the 17 candidates lie in other utterances.
        #expect(abs(Double(others) / Double(items * frames * 40) - 12.0 / 17) < 0.07)
    }

    /// All candidates of a target alike, the target never: χ² over (target, candidate).
    @Test(arguments: [(0, 0), (4, 0), (0, 1), (4, 1)])
    func uniform(_ distance: Int, cross: Int) {
        let (frames, items, draws) = (7, 2, 2000)
        let rows =
            cross == 1
            ? sample(0, cross: draws, distance: distance, frames: frames, items: [1, 2])
            : sample(draws, distance: distance, frames: frames, items: [1, 2])
        var (statistic, freedom) = (0.0, 0.0)
        for target in 0..<items * frames {
            var candidates = cross == 1 ? Array(0..<items * frames) : []
            if cross == 0 {
                let start = target / frames * frames
                candidates = Array(start..<start + (distance == 0 ? frames : distance))
            }
            candidates.removeAll { $0 == target }
            let drawn = rows[target * draws..<(target + 1) * draws]
            let counts = candidates.map { candidate in drawn.count { $0 == candidate } }
            #expect(counts.reduce(0, +) == draws)
            let expected = Double(draws) / Double(counts.count)
            for count in counts {
                statistic += (Double(count) - expected) * (Double(count) - expected) / expected
            }
            freedom += Double(counts.count - 1)
        }
        #expect(abs(statistic - freedom) < 4 * (2 * freedom).squareRoot())
    }

    /// An utterance's own negatives do not depend on its place in the batch.
    @Test func theStreamDecides() {
        let frames = 20
        let first = sample(10, frames: frames, items: [7, 8])
        let swapped = sample(10, frames: frames, items: [8, 7])
        let size = frames * 10
        #expect(first[..<size].map { $0 } == swapped[size...].map { $0 - frames })
        #expect(first[size...].map { $0 - frames } == swapped[..<size].map { $0 })
        #expect(first != sample(10, frames: frames, items: [7, 8], update: 1))
    }
}
