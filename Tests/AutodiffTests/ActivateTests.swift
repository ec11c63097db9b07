import Autodiff
import Foundation
import OperationSupport
import Tensors
import Testing

/// The accuracy that `CKernels/vector_math.h` states.
@Suite struct ActivateTests {
    /// From −40 to 40 in steps of 10⁻⁴.
    private let grid = Tensor((-400_000...400_000).map { Float($0) * 1e-4 }, shape: [800_001])

    @Test func geluOverADenseGrid() {
        let passes = Passes([grid]) { $0.activate($1[0], .gelu) }
        var (worst, worstSlope) = (0.0, 0.0)
        for (index, x) in grid.doubles.enumerated() {
            let y = activation(x, .gelu)
            worst = max(worst, abs(Double(passes.output.pointer[index]) - y) / max(1, abs(y)))
            let slope = Double(passes.gradients[0]?.pointer[index] ?? .nan)
            let seed = Double(passes.seed.pointer[index])
            worstSlope = max(worstSlope, abs(slope - seed * activationSlope(x, .gelu)) / max(1, abs(seed)))
        }
        #expect(worst < 1.5e-7)
        #expect(worstSlope < 2.5e-7)
    }

    /// The left tail goes to zero smoothly: relative error, where GELU is nearly nothing.
    @Test func geluInItsLeftTail() {
        let x = Tensor((0..<10_000).map { -Float($0) * 1e-3 }, shape: [10_000])
        let y = Passes([x]) { $0.activate($1[0], .gelu) }.output
        let worst = zip(x.doubles, y.doubles).dropFirst().reduce(0) { worst, pair in
            max(worst, abs(pair.1 / activation(pair.0, .gelu) - 1))
        }
        #expect(worst < 3e-6)
    }

    @Test(arguments: [1, 7, 33, 40_000])
    func reluIsExact(_ count: Int) {
        let x = Tensor.random([count], 1)
        let passes = Passes([x]) { $0.activate($1[0], .relu) }
        #expect(passes.output.values == x.values.map { max(0, $0) })
        #expect(passes.gradients[0]?.values == zip(x.values, passes.seed.values).map { $0 > 0 ? $1 : 0 })
    }

    @Test func anyShapeIsKept() {
        let x = Tensor.random([2, 3, 5], 1)
        #expect(Passes([x]) { $0.activate($1[0], .gelu) }.output.shape == [2, 3, 5])
    }
}
