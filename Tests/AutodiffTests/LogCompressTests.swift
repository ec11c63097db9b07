import Autodiff
import Foundation
import OperationSupport
import Tensors
import Testing

@Suite struct LogCompressTests {
    /// Zero, and 10⁻⁸ to 10³⁰ of both signs.
    private let x: Tensor = {
        let sizes = (-8000...30_000).map { Float(pow(10, Double($0) / 1000)) }
        return Tensor([0] + sizes + sizes.map { -$0 }, shape: [1 + 2 * sizes.count])
    }()

    @Test func equalsItsDefinition() {
        let y = Passes([x]) { $0.logCompress($1[0]) }.output
        let worst = zip(x.doubles, y.doubles).reduce(0) { worst, pair in
            let exact = log1p(abs(pair.0))
            return max(worst, abs(pair.1 - exact) / max(1, exact))
        }
        // Half a unit of the sum 1 + |x|, and the logarithm's own error.
        #expect(worst < 1.3e-7)
        #expect(y.pointer[0] == 0)
    }

    /// Each relative to itself: the gradient of a large value is small.
    @Test func gradientEqualsItsDefinition() throws {
        let passes = Passes([x]) { $0.logCompress($1[0]) }
        let gradient = try #require(passes.gradients[0]).doubles
        let (x, seed) = (self.x.doubles, passes.seed.doubles)
        #expect(gradient[0] == 0)
        let worst = x.indices.dropFirst().reduce(0) { worst, index in
            let exact = seed[index] * (x[index] > 0 ? 1 : -1) / (1 + abs(x[index]))
            return max(worst, abs(gradient[index] / exact - 1))
        }
        #expect(worst < 2e-7)
    }
}
