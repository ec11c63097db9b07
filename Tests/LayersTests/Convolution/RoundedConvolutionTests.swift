import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

/// Convolutions with products of bf16, which transforms must not make much worse than rounding alone.
@Suite struct RoundedConvolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let kernel, stride: Int
        var frames = 200

        var testDescription: String { "kernel \(kernel), stride \(stride)" }
    }

    /// The layers of both models.
    static let cases =
        (2...13).map { Case(kernel: $0, stride: 1) } + [
            Case(kernel: 8, stride: 4, frames: 2000), Case(kernel: 4, stride: 2, frames: 1000),
            Case(kernel: 3, stride: 2, frames: 1000), Case(kernel: 2, stride: 2),
        ]

    /// What is chosen has at most one and a half times the error of the sum as written with rounded operands.
    @Test(arguments: cases)
    func errorsAreNearThoseOfRounding(_ c: Case) throws {
        let inputs = [
            Tensor.random([2, c.frames, 64], 1), Tensor.random([96, c.kernel, 64], 2),
        ]
        func passes(_ inputs: [Tensor], _ precision: Precision) -> Passes {
            Passes(inputs, precision: precision) { $0.convolve($1[0], weight: $1[1], stride: c.stride) }
        }
        let (exact, rounded) = (passes(inputs, .float32), passes(inputs, .bf16))
        let direct = DirectConvolution(
            geometry: ConvolutionGeometry(
                input: inputs[0].shape, weight: inputs[1].shape, stride: c.stride))
        let (x, weight, dy) = (inputs[0].rounded, inputs[1].rounded, exact.seed.rounded)
        let usual = direct.gradients(dy, x: x, weight: weight, needsInput: true)
        let results = [
            ("y", rounded.output, exact.output, direct.output(x, weight: weight, bias: nil, moments: nil)),
            (
                "∂L/∂x", try #require(rounded.gradients[0]), try #require(exact.gradients[0]),
                try #require(usual.dx)
            ),
            (
                "∂L/∂weight", try #require(rounded.gradients[1]), try #require(exact.gradients[1]), usual.dw
            ),
        ]
        for (name, rounded, exact, direct) in results {
            let (error, usual) = (rounded.relativeError(to: exact), direct.relativeError(to: exact))
            #expect(error > 1e-3 && error < 1.5 * usual, "\(name): \(error), the direct form \(usual)")
        }
    }

    /// The direct form is float32 and has half the rate, so that few frames pay for transformed weights.
    @Test(arguments: 2...13) func fewFramesAreRoundedToo(kernel: Int) {
        emulateMissingBFloat16()
        func isRounded(_ frames: Int) -> Bool {
            let geometry = ConvolutionGeometry(
                input: [1, frames + kernel - 1, 512], weight: [512, kernel, 512], stride: 1)
            return ConvolutionPlan(precision: .bf16).algorithm(for: geometry) != nil
        }
        #expect(isRounded(60) && !isRounded(10))
    }

    /// What is not chosen amplifies rounding more.
    @Test(arguments: [(4, 2), (3, 3), (4, 3), (3, 4)])
    func otherAlgorithmsAreWorse(outputs: Int, taps: Int) {
        emulateMissingBFloat16()
        let (x, weight) = (Tensor.random([1, 100, 64], 1), Tensor.random([64, taps, 64], 2))
        let geometry = ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: 1)
        let direct = DirectConvolution(geometry: geometry)
        let exact = direct.output(x, weight: weight, bias: nil, moments: nil)
        let usual = direct.output(x.rounded, weight: weight.rounded, bias: nil, moments: nil)
        let part = ConvolutionPart(
            frames: 0..<1, algorithm: .toomCook(outputs: outputs, taps: taps), precision: .bf16)
        let fast = BilinearForm([part], geometry: geometry).output(x, weight: weight, bias: nil, moments: nil)
        #expect(fast.relativeError(to: exact) > 1.5 * usual.relativeError(to: exact))
    }
}
