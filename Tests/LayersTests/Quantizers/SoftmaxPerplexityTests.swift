import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct SoftmaxPerplexityTests {
    struct Case: Sendable {
        let rows, groups, variables: Int
    }

    static let cases: [Case] = [(1, 1, 1), (5, 1, 7), (9, 2, 13), (4, 3, 16), (7, 2, 33), (500, 1, 4)]
        .map { Case(rows: $0.0, groups: $0.1, variables: $0.2) }

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let logits = Tensor.random([c.rows, c.groups * c.variables], 1)
        var perGroup: [Double] = []
        let passes = Passes([logits]) { tape, v in
            let (sum, parts) = tape.softmaxPerplexity(logits: v[0], groups: c.groups)
            perGroup = parts
            return sum
        }
        let expected = reference(logits.doubles, c)
        #expect(perGroup.count == c.groups)
        #expect(zip(perGroup, expected).allSatisfy { abs($0 - $1) <= 1e-6 * $1 })
        expectClose(passes.output, [expected.reduce(0, +)], within: 1e-6)
        let gradient = centralDifferences(at: [logits.doubles], seed: passes.seed.doubles) {
            [reference($0[0], c).reduce(0, +)]
        }
        expectClose(passes.gradients[0], gradient[0], within: 3e-6)
    }

    /// From G, all frames alike, to G·V, all codewords alike.
    @Test func itsLimits() {
        let certain = Tensor(zeros: [3, 2 * 8])
        for row in 0..<3 { for group in 0..<2 { certain.pointer[row * 16 + group * 8 + 5] = 80 } }
        let perplexity = Tape().softmaxPerplexity(logits: .constant(certain), groups: 2).0.value.scalar
        #expect(abs(perplexity - 2) < 1e-4)
        let even = Tape().softmaxPerplexity(logits: .constant(Tensor(zeros: [3, 16])), groups: 2).0.value
            .scalar
        #expect(abs(even - 16) < 1e-4)
    }
}

private func reference(_ logits: [Double], _ c: SoftmaxPerplexityTests.Case) -> [Double] {
    (0..<c.groups).map { group in
        var mean = [Double](repeating: 0, count: c.variables)
        for row in 0..<c.rows {
            let start = (row * c.groups + group) * c.variables
            for (v, p) in softmax(logits[start..<start + c.variables]).enumerated() {
                mean[v] += p / Double(c.rows)
            }
        }
        return exp(-mean.reduce(0) { $0 + $1 * log($1 + 1e-7) })
    }
}
