import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct DropoutTests {
    static func streams(_ items: [Int], update: Int = 3) -> [RandomStream] {
        items.map { RandomStream(seed: 5, purpose: RandomStream.Purpose(6), update: update, item: $0) }
    }

    @Test(arguments: [0.1, 0.5, 0.9], [1, 13, 4096])
    func equalsItsDefinition(rate: Double, count: Int) {
        let x = Tensor.random([2, count], 1)
        let streams = Self.streams([4, 9])
        let passes = Passes([x]) { $0.dropout($1[0], rate: rate, streams: streams) }
        var factors: [Double] = []
        for var stream in streams {
            for _ in 0..<count {
                factors.append(stream.nextUniform() < Float(rate) ? 0 : 1 / (1 - rate))
            }
        }
        expectClose(passes.output, zip(x.doubles, factors).map(*), within: 2e-7, "y")
        // The mask of the backward pass is the same.
        expectClose(passes.gradients[0], zip(passes.seed.doubles, factors).map(*), within: 2e-7, "∂x")
        #expect(zip(passes.output.values, factors).allSatisfy { ($0 == 0) == ($1 == 0) })
    }

    @Test(arguments: [0.05, 0.3, 0.8])
    func dropsAtItsRateAndKeepsTheMean(rate: Double) {
        let count = 200_000
        let x = Tensor(zeros: [1, count])
        x.fill(1)
        let y = Passes([x]) { $0.dropout($1[0], rate: rate, streams: Self.streams([1])) }.output
        let deviation = (rate * (1 - rate) / Double(count)).squareRoot()
        let dropped = Double(y.values.count { $0 == 0 }) / Double(count)
        #expect(abs(dropped - rate) < 4 * deviation)
        #expect(abs(y.doubles.reduce(0, +) / Double(count) - 1) < 4 * deviation / (1 - rate))
    }

    /// An utterance is masked alike wherever it stands in a batch, and otherwise in another update.
    @Test func theStreamDecidesTheMask() {
        let x = Tensor(zeros: [3, 500])
        x.fill(1)
        func masks(_ items: [Int], update: Int = 3) -> [ArraySlice<Float>] {
            let y = Passes([x]) { $0.dropout($1[0], rate: 0.5, streams: Self.streams(items, update: update)) }
            return (0..<3).map { y.output.values[$0 * 500..<($0 + 1) * 500] }
        }
        let (first, swapped) = (masks([1, 2, 3]), masks([3, 1, 2]))
        #expect(Array(first[0]) == Array(swapped[1]))
        #expect(Array(first[1]) == Array(swapped[2]))
        #expect(Array(first[2]) == Array(swapped[0]))
        #expect(Array(first[0]) != Array(first[1]))
        #expect(Array(first[0]) != Array(masks([1, 2, 3], update: 4)[0]))
    }

    @Test func rateZeroIsNoOperation() {
        let x = Variable.parameter(.random([1, 2], 1))
        #expect(Tape().dropout(x, rate: 0, streams: []) === x)
    }
}
