import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct LayerNormTests {
    struct Case: Sendable {
        let batch, frames, channels: Int
        let affine: Bool
        let activation: Activation?
    }

    static let cases: [Case] = [(2, 3, 7), (1, 9, 16), (3, 4, 33), (2, 1, 3)].flatMap { shape in
        [true, false].flatMap { affine in
            [nil, .relu, .gelu].map { activation in
                Case(
                    batch: shape.0, frames: shape.1, channels: shape.2, affine: affine, activation: activation
                )
            }
        }
    }

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let inputs = Self.inputs(c)
        let passes = Passes(inputs) { tape, v in
            tape.layerNorm(
                v[0], weight: c.affine ? v[1] : nil, bias: c.affine ? v[2] : nil, activation: c.activation)
        }
        let doubles = inputs.map(\.doubles)
        expectClose(passes.output, Self.reference(doubles, c), within: 2e-6, "y")
        let expected = centralDifferences(at: doubles, seed: passes.seed.doubles) { Self.reference($0, c) }
        for (index, name) in ["∂x", "∂weight", "∂bias"].prefix(inputs.count).enumerated() {
            expectClose(passes.gradients[index], expected[index], within: 4e-6, name)
        }
    }

    /// Norm, activation and sum in one pass are those of two; several tiles of frames.
    @Test(
        arguments: ResidualCase.all + [
            ResidualCase(batch: 2, frames: 3000, residualFrames: 6001, channels: 32)
        ])
    func addsAResidual(_ c: ResidualCase) {
        let inputs: [Tensor] = [
            .random([c.batch, c.frames, c.channels], 1), .random([c.channels], 2), .random([c.channels], 3),
            .random([c.batch, c.residualFrames, c.channels], 4),
        ]
        let once = Passes(inputs) { tape, v in
            tape.layerNorm(
                v[0], weight: v[1], bias: v[2], activation: .gelu, residual: Residual(v[3], scale: 0.7))
        }
        let apart = Passes(inputs) { tape, v in
            let y = tape.layerNorm(v[0], weight: v[1], bias: v[2], activation: .gelu)
            return tape.residualSum(y, v[3], scale: 0.7)
        }
        #expect(once.output.values == apart.output.values)
        for (gradient, expected) in zip(once.gradients, apart.gradients) {
            #expect(gradient != nil && gradient?.values == expected?.values)
        }
    }

    /// Sums in float32 would get the variance of this wrong in the second digit.
    @Test func statisticsAreExactFarFromZero() {
        let c = Case(batch: 1, frames: 2, channels: 1024, affine: false, activation: nil)
        let x = Tensor.random([1, 2, 1024], 1)
        for index in 0..<x.count { x.pointer[index] = 10 + 0.01 * x.pointer[index] }
        let y = Passes([x]) { $0.layerNorm($1[0], weight: nil, bias: nil) }.output
        expectClose(y, Self.reference([x.doubles], c), within: 1e-4)
    }

    private static func inputs(_ c: Case) -> [Tensor] {
        let x = Tensor.random([c.batch, c.frames, c.channels], 1)
        // Neither centred nor of unit variance.
        for index in 0..<x.count { x.pointer[index] = 0.7 + 2.5 * x.pointer[index] }
        return c.affine ? [x, .random([c.channels], 2), .random([c.channels], 3)] : [x]
    }

    private static func reference(_ inputs: [[Double]], _ c: Case) -> [Double] {
        let x = inputs[0]
        return x.indices.map { index in
            let (first, channel) = (index / c.channels * c.channels, index % c.channels)
            let frame = x[first..<first + c.channels]
            let mean = frame.reduce(0, +) / Double(c.channels)
            let variance = frame.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(c.channels)
            let normalised = (x[index] - mean) / (variance + 1e-5).squareRoot()
            return activation(
                c.affine ? normalised * inputs[1][channel] + inputs[2][channel] : normalised, c.activation)
        }
    }
}
