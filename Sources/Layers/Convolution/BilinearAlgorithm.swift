import Foundation
import Tensors

/// A convolution of few taps with fewer multiplications: y = A[(G w) ⊙ (B x)].
///
/// m outputs y[t] = Σ_j w[j]·x[t + j] of k taps need m·k products as written, but only R here: B combines the
/// N = m + k − 1 inputs, G the taps, and A the products. Between channels each product is a matrix product, so
/// R/m against k is what is saved. Gradients are the transposed algorithm with the same matrices.
package struct BilinearAlgorithm: Sendable {
    /// k.
    package let taps: Int
    /// m, outputs of a tile.
    package let outputs: Int
    /// R.
    package let products: Int
    /// B, [R, N].
    private let input: Tensor
    /// G, [R, k].
    private let weight: Tensor
    /// A, [m, R].
    private let output: Tensor

    /// N, inputs of a tile.
    var inputs: Int { outputs + taps - 1 }

    var inputMatrix: MatrixView { MatrixView(input.pointer, rows: products, columns: inputs) }
    var weightMatrix: MatrixView { MatrixView(weight.pointer, rows: products, columns: taps) }
    var outputMatrix: MatrixView { MatrixView(output.pointer, rows: outputs, columns: products) }

    /// - Parameters: each the rows of one matrix by product: those of B and G, and the columns of A.
    private init(taps: Int, outputs: Int, input: [[Double]], weight: [[Double]], output: [[Double]]) {
        (self.taps, self.outputs, products) = (taps, outputs, input.count)
        self.input = Tensor(input.joined().map { Float($0) }, shape: [products, outputs + taps - 1])
        self.weight = Tensor(weight.joined().map { Float($0) }, shape: [products, taps])
        let rows = (0..<outputs).flatMap { row in output.map { Float($0[row]) } }
        self.output = Tensor(rows, shape: [outputs, products])
    }
}

extension BilinearAlgorithm {
    /// One tap, which is a product for each output.
    static let oneTap: BilinearAlgorithm = {
        let unit = (0..<4).map { row in (0..<4).map { $0 == row ? 1.0 : 0 } }
        return BilinearAlgorithm(
            taps: 1, outputs: 4, input: unit, weight: unit.map { _ in [1] }, output: unit)
    }()

    /// Toom–Cook: polynomials are multiplied by their values at R − 1 points and at infinity, R = N.
    ///
    /// The transposed product (Winograd, Arithmetic Complexity of Computations, 1980): with points a,
    /// A[t, r] = a_r^t, G[r, j] = a_r^j / Π_{i≠r} (a_r − a_i), and B[r] the coefficients of Π_{i≠r} (z − a_i). In
    /// float32 the error grows with the number of points. These were the best of all sets of 26 small fractions:
    /// with sums over 1024 channels the output's error was 1.0 (m = 3), 1.6 (m = 4) and 1.9 times (m = 5) that of
    /// the direct sum for k = 2, and 1.4 times for m = 4, k = 3.
    package static func toomCook(outputs: Int, taps: Int) -> BilinearAlgorithm {
        let sets: [[Double]] = [
            [0], [0, 1], [0, 1, -1], [0, 1, -0.6, -5.0 / 3], [0, 1.5, -1.5, 2.0 / 3, -2.0 / 3],
        ]
        let count = outputs + taps - 2
        precondition(sets.indices.contains(count - 1), "Toom–Cook with \(count) points")
        let points = sets[count - 1]
        let last = (
            taps: [Double](repeating: 0, count: taps - 1) + [1],
            outputs: [Double](repeating: 0, count: outputs - 1) + [1]
        )
        let finite = points.indices.map { r in
            let others = points.indices.filter { $0 != r }.map { points[$0] }
            let scale = others.reduce(1) { $0 * (points[r] - $1) }
            return (
                input: polynomial(roots: others) + [0],
                weight: powers(of: points[r], taps).map { $0 / scale }, output: powers(of: points[r], outputs)
            )
        }
        return BilinearAlgorithm(
            taps: taps, outputs: outputs, input: finite.map(\.input) + [polynomial(roots: points)],
            weight: finite.map(\.weight) + [last.taps], output: finite.map(\.output) + [last.outputs])
    }

    /// The real discrete Fourier transform of length N, with three products for each complex one,
    /// R = 2 + 3(N/2 − 1). Its float32 error is that of the direct sum (0.8 to 1.1 times it, N ≤ 48).
    ///
    /// Correlation is X[f]·conj(W[f]); with X = a + ib and conj(W) = c + id, the products c(a + b), a(d − c) and
    /// b(c + d) give the real part as the first less the third, the imaginary part as the sum of the first two.
    package static func fourier(length: Int, taps: Int) -> BilinearAlgorithm {
        precondition(length.isMultiple(of: 2) && length > taps, "a transform of \(length) for \(taps) taps")
        let outputs = length - taps + 1
        var (input, weight, output): ([[Double]], [[Double]], [[Double]]) = ([], [], [])
        for frequency in 0...length / 2 {
            func wave(_ count: Int, _ function: (Double) -> Double) -> [Double] {
                (0..<count).map { time in
                    function(2 * Double.pi * Double(frequency * time % length) / Double(length))
                }
            }
            let scale = 1 / Double(length)
            guard frequency > 0, frequency < length / 2 else {
                input.append(wave(length) { cos($0) })
                weight.append(wave(taps) { cos($0) })
                output.append(wave(outputs) { scale * cos($0) })
                continue
            }
            input += [
                wave(length) { cos($0) - sin($0) }, wave(length) { cos($0) }, wave(length) { -sin($0) },
            ]
            weight += [
                wave(taps) { cos($0) }, wave(taps) { sin($0) - cos($0) }, wave(taps) { cos($0) + sin($0) },
            ]
            output += [
                wave(outputs) { 2 * scale * (cos($0) - sin($0)) }, wave(outputs) { -2 * scale * sin($0) },
                wave(outputs) { -2 * scale * cos($0) },
            ]
        }
        return BilinearAlgorithm(taps: taps, outputs: outputs, input: input, weight: weight, output: output)
    }

    /// 1, x, x², …
    private static func powers(of x: Double, _ count: Int) -> [Double] {
        (0..<count).map { pow(x, Double($0)) }
    }

    /// Coefficients of Π (z − root), from the constant upward.
    private static func polynomial(roots: [Double]) -> [Double] {
        roots.reduce([1]) { polynomial, root in
            zip([0] + polynomial, polynomial + [0]).map { $0 - root * $1 }
        }
    }
}
