import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct CosineScoresTests {
    @Test(arguments: [(1, 1, 1, 1), (5, 3, 4, 2), (7, 17, 9, 6), (40, 33, 12, 5)])
    func equalsItsDefinition(rows: Int, channels: Int, candidates: Int, copies: Int) {
        let inputs = [
            Tensor.random([rows, channels], 1), Tensor.random([rows, channels], 2),
            Tensor.random([candidates, channels], 3),
        ]
        var stream = RandomStream(seed: 3, purpose: .test)
        let negatives = (0..<rows * copies).map { _ in Int32(stream.nextInteger(below: candidates)) }
        let excluded = (0..<rows * copies).map { _ in stream.nextInteger(below: 4) == 0 }
        let passes = Passes(inputs) { tape, v in
            tape.cosineScores(
                v[0], positives: v[1], table: v[2], negatives: negatives, excluded: excluded, temperature: 0.1
            )
        }
        #expect(passes.output.shape == [rows, 1 + copies])
        let reference: ([[Double]]) -> [Double] = { x in
            func unit(_ matrix: Int, _ row: Int) -> [Double] {
                let row = x[matrix][row * channels..<(row + 1) * channels]
                let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
                return row.map { $0 / max(norm, 1e-8) }
            }
            func score(_ a: [Double], _ b: [Double]) -> Double {
                zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / 0.1
            }
            var scores: [Double] = []
            for row in 0..<rows {
                scores.append(score(unit(0, row), unit(1, row)))
                for place in row * copies..<(row + 1) * copies {
                    // What is excluded has no gradient.
                    let candidate = unit(2, Int(negatives[place]))
                    scores.append(excluded[place] ? 0 : score(unit(0, row), candidate))
                }
            }
            return scores
        }
        let output = passes.output.values.enumerated().map { index, value in
            let (row, place) = index.quotientAndRemainder(dividingBy: 1 + copies)
            guard place > 0, excluded[row * copies + place - 1] else { return value }
            #expect(value == -.infinity)
            return 0
        }
        let doubles = inputs.map(\.doubles)
        expectClose(Tensor(output, shape: passes.output.shape), reference(doubles), within: 1e-5)
        let gradients = centralDifferences(at: doubles, seed: passes.seed.doubles, of: reference)
        for (index, name) in ["predictions", "positives", "table"].enumerated() {
            expectClose(passes.gradients[index], gradients[index], within: 2e-5, "∂L/∂\(name)")
        }
    }

    /// Zeros have a score of 0, and the loss of a row without any other negative is none that float32 tells from 0.
    @Test func edges() {
        let zero = Variable.parameter(Tensor(zeros: [1, 4]))
        let ones = Variable.parameter(Tensor([1, 1, 1, 1], shape: [1, 4]))
        let tape = Tape()
        let scores = tape.cosineScores(
            zero, positives: ones, table: ones, negatives: [0], excluded: [true], temperature: 0.1)
        #expect(scores.value.values == [0, -.infinity])
        let loss = tape.infoNCELoss(scores)
        #expect(abs(loss.value.scalar) < 1e-37)
        tape.backward(from: loss)
        #expect(ones.gradient?.values == [0, 0, 0, 0] && zero.gradient?.firstNonFinite == nil)
    }
}
