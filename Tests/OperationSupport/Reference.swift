import Autodiff
import Foundation
import Tensors
import Testing

extension RandomStream.Purpose {
    package static let test = RandomStream.Purpose(9)
}

/// Products of bf16 are emulated where the processor lacks them.
package func emulateMissingBFloat16() { BFloat16.instructions = BFloat16.instructions ?? .emulated }

extension Tensor {
    /// The nearest values that have 8 bits of precision, ties to even.
    package var rounded: Tensor {
        Tensor(
            values.map { value in
                let bits = value.bitPattern
                return Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000)
            }, shape: shape)
    }

    /// √(Σ (x − y)² / Σ y²).
    package func relativeError(to other: Tensor) -> Double {
        let squares = zip(doubles, other.doubles).reduce((0.0, 0.0)) {
            ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.1 * $1.1)
        }
        return (squares.0 / squares.1).squareRoot()
    }

    /// Of the angle between both, as vectors.
    package func cosine(to other: Tensor) -> Double {
        let sums = zip(doubles, other.doubles).reduce((0.0, 0.0, 0.0)) {
            ($0.0 + $1.0 * $1.1, $0.1 + $1.0 * $1.0, $0.2 + $1.1 * $1.1)
        }
        return sums.0 / (sums.1 * sums.2).squareRoot()
    }

    package var doubles: [Double] { values.map(Double.init) }

    /// Normally distributed values; another number gives other values.
    package static func random(_ shape: [Int], _ number: Int) -> Tensor {
        var stream = RandomStream(seed: 7, purpose: .test, item: number)
        return Tensor((0..<shape.reduce(1, *)).map { _ in stream.nextNormal() }, shape: shape)
    }
}

/// What an operation computes, and what the tape sends back to each of its inputs for a random ∂L/∂output.
package struct Passes {
    package let output: Tensor
    package let seed: Tensor
    package let gradients: [Tensor?]

    /// - Parameter precision: bf16 is emulated where the processor lacks it.
    package init(
        _ inputs: [Tensor], precision: Precision = .float32, _ operation: (Tape, [Variable]) -> Variable
    ) {
        if precision == .bf16 { emulateMissingBFloat16() }
        let tape = Tape(precision: precision)
        let variables = inputs.map(Variable.parameter)
        let result = operation(tape, variables)
        output = result.value
        seed = .random(result.shape, 999)
        tape.backward(from: result, seed: seed)
        gradients = variables.map(\.gradient)
    }
}

/// A reference that is linear in x: y[i] += factor · x[j] for each term.
package struct LinearReference {
    package let outputs: Int
    package let terms: (_ add: (_ y: Int, _ x: Int, _ factor: Double) -> Void) -> Void

    package init(
        outputs: Int, terms: @escaping (_ add: (_ y: Int, _ x: Int, _ factor: Double) -> Void) -> Void
    ) {
        (self.outputs, self.terms) = (outputs, terms)
    }

    package func forward(_ x: [Double]) -> [Double] {
        var y = [Double](repeating: 0, count: outputs)
        terms { y[$0] += $2 * x[$1] }
        return y
    }

    package func gradient(_ dy: [Double], inputs: Int) -> [Double] {
        var dx = [Double](repeating: 0, count: inputs)
        terms { dx[$1] += $2 * dy[$0] }
        return dx
    }
}

/// A reference that is linear in each of two inputs: y[i] += x[j] · w[k] for each term.
package struct BilinearReference {
    package let outputs: Int
    package let terms: (_ add: (_ y: Int, _ x: Int, _ w: Int) -> Void) -> Void

    package init(
        outputs: Int, terms: @escaping (_ add: (_ y: Int, _ x: Int, _ w: Int) -> Void) -> Void
    ) {
        (self.outputs, self.terms) = (outputs, terms)
    }

    package func forward(_ x: [Double], _ w: [Double]) -> [Double] {
        var y = [Double](repeating: 0, count: outputs)
        terms { y[$0] += x[$1] * w[$2] }
        return y
    }

    package func gradients(_ dy: [Double], _ x: [Double], _ w: [Double]) -> (x: [Double], w: [Double]) {
        var dx = [Double](repeating: 0, count: x.count)
        var dw = [Double](repeating: 0, count: w.count)
        terms {
            dx[$1] += dy[$0] * w[$2]
            dw[$2] += dy[$0] * x[$1]
        }
        return (dx, dw)
    }
}

/// ∂(Σ seed · function)/∂x of every element of every input, by central differences.
package func centralDifferences(
    at inputs: [[Double]], seed: [Double], of function: ([[Double]]) -> [Double]
) -> [[Double]] {
    let step = 1e-6
    var inputs = inputs
    func loss() -> Double { zip(function(inputs), seed).reduce(0) { $0 + $1.0 * $1.1 } }
    return inputs.indices.map { input in
        inputs[input].indices.map { index in
            let value = inputs[input][index]
            defer { inputs[input][index] = value }
            inputs[input][index] = value + step
            let above = loss()
            inputs[input][index] = value - step
            return (above - loss()) / (2 * step)
        }
    }
}

/// All values as near as `tolerance` times `scale`, by default the largest value expected.
package func expectClose(
    _ actual: Tensor?, _ expected: [Double], within tolerance: Double, of scale: Double? = nil,
    _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let actual, actual.count == expected.count else {
        Issue.record(
            "\(what): \(actual?.count ?? 0) values, expected \(expected.count)",
            sourceLocation: sourceLocation)
        return
    }
    let scale = scale ?? expected.reduce(1e-3) { max($0, abs($1)) }
    let differences = zip(actual.doubles, expected).map { abs($0 - $1) / scale }
    // Written so that NaN fails.
    guard let worst = differences.indices.max(by: { !(differences[$0] >= differences[$1]) }) else { return }
    #expect(
        differences.allSatisfy { $0 <= tolerance },
        """
        \(what) [\(worst)]: \(actual.values[worst]), expected \(expected[worst]), \
        off by \(differences[worst]) of \(scale)
        """, sourceLocation: sourceLocation)
}
