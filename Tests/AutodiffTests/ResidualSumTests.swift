import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct ResidualSumTests {
    @Test(arguments: ResidualCase.all)
    func equalsItsDefinition(_ c: ResidualCase) {
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
