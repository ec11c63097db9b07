import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct GroupNormTests {
    struct Case: Sendable {
        let batch, frames, channels, groups: Int
        let affine: Bool
        let activation: Activation?
    }

    static let cases: [Case] = [
        (2, 3, 7, 1), (2, 5, 16, 2), (1, 9, 13, 1), (3, 4, 33, 3), (2, 6, 12, 12),
        (1, 2, 512, 2),
    ].flatMap { shape in
        [true, false].flatMap { affine in
            [nil, .relu, .gelu].map { activation in
                Case(
                    batch: shape.0, frames: shape.1, channels: shape.2, groups: shape.3, affine: affine,
                    activation: activation)
            }
        }
    }

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let inputs = Self.inputs(c)
        let passes = Self.passes(inputs, c)
        let doubles = inputs.map(\.doubles)
        expectClose(passes.output, reference(doubles, c), within: 2e-6, "y")
        let expected = centralDifferences(at: doubles, seed: passes.seed.doubles) { reference($0, c) }
        for (index, name) in ["∂x", "∂weight", "∂bias"].prefix(inputs.count).enumerated() {
            expectClose(passes.gradients[index], expected[index], within: 2e-6, name)
        }
    }

    /// Large enough for several tiles of frames, against the gradient in closed form.
    @Test(arguments: [(1, 40_000, 1, 1), (2, 3000, 16, 1), (2, 200, 512, 2)])
    func gradientOverManyTiles(_ shape: (Int, Int, Int, Int)) {
        let c = Case(
            batch: shape.0, frames: shape.1, channels: shape.2, groups: shape.3, affine: true,
            activation: .gelu)
        let inputs = Self.inputs(c)
        let passes = Self.passes(inputs, c)
        let expected = closedForm(inputs.map(\.doubles), seed: passes.seed.doubles, c)
        expectClose(passes.output, reference(inputs.map(\.doubles), c), within: 1e-6, "y")
        for (index, name) in ["∂x", "∂weight", "∂bias"].enumerated() {
            expectClose(passes.gradients[index], expected[index], within: 1e-5, name)
        }
    }

    /// A lone value is its own mean: the bias is left, up to the rounding of x / √ε.
    @Test func aGroupOfOneValue() {
        let c = Case(batch: 2, frames: 1, channels: 3, groups: 3, affine: true, activation: nil)
        let passes = Self.passes(Self.inputs(c), c)
        let bias = Self.inputs(c)[2].doubles
        expectClose(passes.output, bias + bias, within: 1e-4, of: 1, "y")
        expectClose(passes.gradients[0], [Double](repeating: 0, count: 6), within: 1e-4, of: 1, "∂x")
    }

    /// Sums in float32 would get the variance of this wrong in the second digit.
    @Test func statisticsAreExactFarFromZero() {
        let c = Case(batch: 1, frames: 100_000, channels: 1, groups: 1, affine: false, activation: nil)
        let x = Tensor.random([1, c.frames, 1], 1)
        for index in 0..<x.count { x.pointer[index] = 10 + 0.01 * x.pointer[index] }
        let y = Self.passes([x], c).output
        expectClose(y, reference([x.doubles], c), within: 5e-5)
    }

    /// Norm, activation and sum in one pass are those of two.
    @Test(arguments: ResidualCase.all)
    func addsAResidual(_ c: ResidualCase) {
        let inputs: [Tensor] = [
            .random([c.batch, c.frames, c.channels], 1), .random([c.channels], 2), .random([c.channels], 3),
            .random([c.batch, c.residualFrames, c.channels], 4),
        ]
        let scale = Float(0.5).squareRoot()
        let once = Passes(inputs) { tape, v in
            tape.groupNorm(
                v[0], weight: v[1], bias: v[2], activation: .gelu, residual: Residual(v[3], scale: scale))
        }
        let apart = Passes(inputs) { tape, v in
            let y = tape.groupNorm(v[0], weight: v[1], bias: v[2], activation: .gelu)
            return tape.residualSum(y, v[3], scale: scale)
        }
        #expect(once.output.values == apart.output.values)
        for (gradient, expected) in zip(once.gradients, apart.gradients) {
            #expect(gradient != nil && gradient?.values == expected?.values)
        }
    }

    private static func inputs(_ c: Case) -> [Tensor] {
        let x = Tensor.random([c.batch, c.frames, c.channels], 1)
        // Neither centred nor of unit variance.
        for index in 0..<x.count { x.pointer[index] = 0.7 + 2.5 * x.pointer[index] }
        return c.affine ? [x, .random([c.channels], 2), .random([c.channels], 3)] : [x]
    }

    private static func passes(_ inputs: [Tensor], _ c: Case) -> Passes {
        Passes(inputs) { tape, v in
            tape.groupNorm(
                v[0], weight: c.affine ? v[1] : nil, bias: c.affine ? v[2] : nil, groups: c.groups,
                activation: c.activation)
        }
    }
}

private typealias Case = GroupNormTests.Case

/// The values of a group of one item, as places in x.
private func group(_ item: Int, _ group: Int, _ c: Case) -> [Int] {
    let width = c.channels / c.groups
    return (0..<c.frames).flatMap { t in
        (0..<width).map { (item * c.frames + t) * c.channels + group * width + $0 }
    }
}

/// x̂ and 1/√(σ² + ε) of one group.
private func normalized(_ x: [Double], _ places: [Int]) -> (values: [Double], inverse: Double) {
    let count = Double(places.count)
    let mean = places.reduce(0) { $0 + x[$1] } / count
    let variance = places.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / count
    let inverse = 1 / (variance + 1e-5).squareRoot()
    return (places.map { (x[$0] - mean) * inverse }, inverse)
}

private func reference(_ inputs: [[Double]], _ c: Case) -> [Double] {
    var y = [Double](repeating: 0, count: inputs[0].count)
    for item in 0..<c.batch {
        for g in 0..<c.groups {
            let places = group(item, g, c)
            for (place, value) in zip(places, normalized(inputs[0], places).values) {
                let channel = place % c.channels
                let argument = c.affine ? value * inputs[1][channel] + inputs[2][channel] : value
                y[place] = activation(argument, c.activation)
            }
        }
    }
    return y
}

/// [∂x, ∂weight, ∂bias]
private func closedForm(_ inputs: [[Double]], seed: [Double], _ c: Case) -> [[Double]] {
    let (x, weight, bias) = (inputs[0], inputs[1], inputs[2])
    var dx = x
    var (dWeight, dBias) = (weight.map { _ in 0.0 }, weight.map { _ in 0.0 })
    for item in 0..<c.batch {
        for g in 0..<c.groups {
            let places = group(item, g, c)
            let (values, inverse) = normalized(x, places)
            var dNormalized: [Double] = []
            for (place, value) in zip(places, values) {
                let channel = place % c.channels
                let slope = activationSlope(value * weight[channel] + bias[channel], c.activation)
                let du = seed[place] * slope
                dWeight[channel] += du * value
                dBias[channel] += du
                dNormalized.append(du * weight[channel])
            }
            let count = Double(places.count)
            let mean = dNormalized.reduce(0, +) / count
            let projection = zip(dNormalized, values).reduce(0) { $0 + $1.0 * $1.1 } / count
            for (index, place) in places.enumerated() {
                dx[place] = (dNormalized[index] - mean - values[index] * projection) * inverse
            }
        }
    }
    return [dx, dWeight, dBias]
}
