import Foundation
import Testing
import Training
import VQWav2Vec

@Suite struct ChanceLevelTests {
    /// The least mean cost of one answer, found by trying many.
    private func leastCost(negativeWeight: Double) -> Double {
        (1..<100_000).map { step in
            let answer = Double(step) / 100_000
            return -log2(answer) - negativeWeight * log2(1 - answer)
        }.min() ?? .nan
    }

    @Test(arguments: [(1, 0), (10, 0), (0, 7), (4, 6), (100, 0)], [false, true])
    func chanceIsTheBestConstantAnswer(negatives: (own: Int, cross: Int), balanced: Bool) {
        guard !balanced || negatives.own > 0 else { return }
        var prediction = PredictionConfiguration()
        (prediction.negatives, prediction.crossSampleNegatives) = negatives
        prediction.balancedClasses = balanced
        let total = Double(negatives.own + negatives.cross)
        let weight = balanced ? total / Double(negatives.own) : total
        #expect(abs(prediction.chanceBits - leastCost(negativeWeight: weight)) < 1e-5)
    }

    @Test func knownLevels() {
        var prediction = PredictionConfiguration()
        #expect(abs(prediction.chanceBits - 4.834467) < 1e-6)
        prediction.balancedClasses = true
        #expect(abs(prediction.chanceBits - 2) < 1e-12)
        prediction.infoNCE = true
        #expect(abs(prediction.chanceBits - log2(11)) < 1e-12)
    }
}
