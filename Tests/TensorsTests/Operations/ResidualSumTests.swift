import Tensors
import Testing

@Suite struct ResidualSumTests {
    struct Case: Sendable {
        let batch, frames, residualFrames, channels: Int
    }

    static let cases: [Case] = [
        Case(batch: 1, frames: 1, residualFrames: 1, channels: 1),
        Case(batch: 2, frames: 5, residualFrames: 5, channels: 13),
        // Longer, but not twice as long: the first frames are taken.
        Case(batch: 2, frames: 5, residualFrames: 9, channels: 7),
        Case(batch: 2, frames: 4, residualFrames: 8, channels: 16),
        // The convolution lost frames at its end: 13 / 4 = 3 frames apart.
        Case(batch: 3, frames: 4, residualFrames: 13, channels: 33),
        Case(batch: 1, frames: 300, residualFrames: 300, channels: 512),
    ]

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let x = Tensor.random([c.batch, c.frames, c.channels], 1)
        let residual = Tensor.random([c.batch, c.residualFrames, c.channels], 2)
        let scale = Float(0.5).squareRoot()
        let passes = Passes([x, residual]) { $0.residualSum($1[0], $1[1], scale: scale) }

        let step = c.residualFrames / c.frames
        let own = LinearReference(outputs: x.count) { add in
            for i in 0..<x.count { add(i, i, Double(scale)) }
        }
        let other = LinearReference(outputs: x.count) { add in
            for b in 0..<c.batch {
                for t in 0..<c.frames {
                    for i in 0..<c.channels {
                        add(
                            (b * c.frames + t) * c.channels + i,
                            (b * c.residualFrames + t * step) * c.channels + i, Double(scale))
                    }
                }
            }
        }
        let expected = zip(own.forward(x.doubles), other.forward(residual.doubles)).map(+)
        expectClose(passes.output, expected, within: 2e-7, "y")
        let seed = passes.seed.doubles
        expectClose(passes.gradients[0], own.gradient(seed, inputs: x.count), within: 1e-7, "∂x")
        expectClose(
            passes.gradients[1], other.gradient(seed, inputs: residual.count), within: 1e-7, "∂residual")
    }
}
