import Autodiff
import Foundation
import OperationSupport
import Tensors
import Testing

@Suite struct RowsTests {
    @Test func rowsAreTakenAndGivenBack() {
        let x = Tensor.random([2, 3, 4], 1)
        let rows: [Int32] = [5, 0, 5, 2]
        let passes = Passes([x]) { tape, v in tape.rows(v[0], rows) }
        let reference = LinearReference(outputs: 16) { add in
            for (index, row) in rows.enumerated() {
                for c in 0..<4 { add(index * 4 + c, Int(row) * 4 + c, 1) }
            }
        }
        #expect(passes.output.shape == [4, 4])
        expectClose(passes.output, reference.forward(x.doubles), within: 0)
        expectClose(passes.gradients[0], reference.gradient(passes.seed.doubles, inputs: 24), within: 1e-6)
    }

    @Test func rowsAreReplaced() {
        let (x, vector) = (Tensor.random([2, 3, 4], 1), Tensor.random([4], 2))
        let replaced: Set = [1, 4, 5]
        let passes = Passes([x, vector]) { tape, v in
            tape.replaceRows(v[0], replaced.map { Int32($0) }, with: v[1])
        }
        let reference = LinearReference(outputs: 24) { add in
            for row in 0..<6 {
                for c in 0..<4 { add(row * 4 + c, replaced.contains(row) ? 24 + c : row * 4 + c, 1) }
            }
        }
        expectClose(passes.output, reference.forward(x.doubles + vector.doubles), within: 0)
        let gradient = reference.gradient(passes.seed.doubles, inputs: 28)
        expectClose(passes.gradients[0], Array(gradient[..<24]), within: 1e-6)
        expectClose(passes.gradients[1], Array(gradient[24...]), within: 1e-6)
    }

    @Test func rowsAreStacked() {
        let (a, b) = (Tensor.random([2, 3], 1), Tensor.random([1, 2, 3], 2))
        let passes = Passes([a, b]) { tape, v in tape.stackRows(v) }
        #expect(passes.output.shape == [4, 3] && passes.output.values == a.values + b.values)
        #expect(passes.gradients[0]?.values == Array(passes.seed.values[..<6]))
        #expect(passes.gradients[1]?.values == Array(passes.seed.values[6...]))
    }

    @Test(arguments: [1, 5, 33])
    func gatedLinearUnit(width: Int) {
        let x = Tensor.random([3, 2 * width], 1)
        let passes = Passes([x]) { tape, v in tape.gatedLinearUnit(v[0]) }
        let reference: ([[Double]]) -> [Double] = { x in
            (0..<3 * width).map { index in
                let (row, c) = index.quotientAndRemainder(dividingBy: width)
                return x[0][row * 2 * width + c] / (1 + exp(-x[0][row * 2 * width + width + c]))
            }
        }
        expectClose(passes.output, reference([x.doubles]), within: 1e-6)
        let gradient = centralDifferences(at: [x.doubles], seed: passes.seed.doubles, of: reference)
        expectClose(passes.gradients[0], gradient[0], within: 1e-5)
    }

    @Test(arguments: [1, 100, 70_000])
    func meanSquare(count: Int) {
        let x = Tensor.random([count], 1)
        let passes = Passes([x]) { tape, v in tape.meanSquare(v[0]) }
        let sum = x.doubles.reduce(0) { $0 + $1 * $1 }
        expectClose(passes.output, [sum / Double(count)], within: 1e-6)
        let seed = passes.seed.doubles[0]
        expectClose(passes.gradients[0], x.doubles.map { 2 * $0 / Double(count) * seed }, within: 1e-6)
    }

    @Test func gradientsAreScaled() {
        let x = Tensor.random([5, 7], 1)
        let passes = Passes([x]) { tape, v in tape.scaleGradient(v[0], by: 0.25) }
        #expect(passes.output.values == x.values)
        #expect(passes.gradients[0]?.values == passes.seed.values.map { 0.25 * $0 })
    }
}
