import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct AverageStepTests {
    @Test(arguments: [1, 7, 33, 100_000])
    func equalsItsDefinition(_ count: Int) {
        let mean = Tensor.random([count], 1)
        var expected = mean.doubles
        for update in 1...5 {
            let (p, share) = (Tensor.random([count], 10 + update), 1 / Double(update + 1))
            averageStep(mean, adding: p, share: share)
            for (i, value) in p.doubles.enumerated() {
                expected[i] = (1 - share) * expected[i] + share * value
            }
        }
        expectClose(mean, expected, within: 5e-7, "mean")
    }

    /// The first weights of a run are its average, to the bit.
    @Test func aShareOfOneReplaces() {
        let (mean, p) = (Tensor.random([1000], 1), Tensor.random([1000], 2))
        averageStep(mean, adding: p, share: 1)
        #expect(mean.values == p.values)
    }

    @Test func exchangeGivesEachTheValuesOfTheOther() {
        let (a, b) = (Tensor.random([3, 5], 1), Tensor.random([15], 2))
        let (before, after) = (a.values, b.values)
        a.exchange(with: b)
        #expect((a.values, b.values) == (after, before))
    }
}
