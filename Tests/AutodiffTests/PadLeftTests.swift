import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct PadLeftTests {
    struct Case: Sendable {
        let batch, length, channels, frames: Int
        let zero: Bool
    }

    static let cases = [(1, 1, 1, 1), (2, 5, 7, 3), (3, 4, 13, 12), (1, 9, 33, 1), (2, 1, 16, 2)].flatMap {
        c in
        [false, true].map { Case(batch: c.0, length: c.1, channels: c.2, frames: c.3, zero: $0) }
    }

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let x = Tensor.random([c.batch, c.length, c.channels], 1)
        let passes = Passes([x]) { $0.padLeft($1[0], frames: c.frames, zero: c.zero) }
        let padded = c.length + c.frames
        #expect(passes.output.shape == [c.batch, padded, c.channels])
        let reference = LinearReference(outputs: c.batch * padded * c.channels) { add in
            for b in 0..<c.batch {
                for t in 0..<padded where t >= c.frames || !c.zero {
                    for i in 0..<c.channels {
                        let source = max(0, t - c.frames)
                        add(
                            (b * padded + t) * c.channels + i, (b * c.length + source) * c.channels + i, 1)
                    }
                }
            }
        }
        expectClose(passes.output, reference.forward(x.doubles), within: 0, "y")
        expectClose(
            passes.gradients[0], reference.gradient(passes.seed.doubles, inputs: x.count), within: 5e-7, "∂x")
    }

    @Test func noFramesAreNoOperation() {
        let x = Variable.parameter(.random([1, 2, 3], 1))
        #expect(Tape().padLeft(x, frames: 0, zero: false) === x)
    }
}
