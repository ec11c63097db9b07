import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

/// The first two convolutions of an encoder in one, against the operations one after the other.
@Suite struct WaveformBlockTests {
    struct Case: Sendable {
        var batch = 1
        var samples = 16_000
        var activation = Activation.gelu
        var affine = true
        var kernel = 8
        var stride = 4
        var constant: Float = 0
        var groups = 1
    }

    static let cases: [Case] = [
        Case(), Case(batch: 2, activation: .relu), Case(affine: false), Case(kernel: 3, stride: 1),
        // Items of an odd length; a waveform with a constant part.
        Case(samples: 6000), Case(batch: 3, samples: 1234, kernel: 4, stride: 2), Case(constant: 0.5),
        // Many crops of few tiles, several of which are added up in one go.
        Case(batch: 40, samples: 150), Case(batch: 40, samples: 300),
        // In two parts; of the second, three frames of five.
        Case(kernel: 3, stride: 2), Case(batch: 3, samples: 2345, kernel: 3, stride: 2, groups: 48),
        Case(batch: 2, kernel: 7, stride: 5),
    ]

    @Test(arguments: cases)
    func equalsTheOperationsOneAfterTheOther(_ c: Case) {
        let waveforms = Tensor.random([c.batch, c.samples], 1)
        for index in 0..<waveforms.count { waveforms.pointer[index] += c.constant }
        let inputs: [Tensor] = [
            .random([48, 10, 1], 2), .random([40, c.kernel, 48], 3), .random([48], 4), .random([48], 5),
        ]
        let parameters = c.affine ? inputs : Array(inputs[..<2])
        var isFused = false
        let together = Passes(parameters) { tape, v in
            let block = WaveformBlock(
                weight: v[0], normWeight: c.affine ? v[2] : nil, normBias: c.affine ? v[3] : nil,
                groups: c.groups, activation: c.activation, stride: 5)
            let y = tape.convolve(waveforms, through: block, weight: v[1], stride: c.stride)
            isFused = y != nil
            return y ?? v[0]
        }
        #expect(isFused)
        let apart = Passes(parameters) { tape, v in
            let x = Variable.constant(waveforms.reshaped([c.batch, c.samples, 1]))
            let y = tape.groupNorm(
                tape.convolve(x, weight: v[0], stride: 5), weight: c.affine ? v[2] : nil,
                bias: c.affine ? v[3] : nil, groups: c.groups, activation: c.activation)
            return tape.convolve(y, weight: v[1], stride: c.stride)
        }
        #expect(together.output.shape == apart.output.shape)
        expectClose(together.output, apart.output.doubles, within: 2e-6, "y")
        for (index, name) in ["∂weight", "∂second weight", "∂normWeight", "∂normBias"].enumerated()
        where index < parameters.count {
            let expected = apart.gradients[index]
            #expect(together.gradients[index]?.shape == parameters[index].shape)
            expectClose(together.gradients[index], expected?.doubles ?? [], within: 1e-5, name)
        }
    }

    @Test func sizesThatDoNotSuitAreLeftAlone() {
        let block = WaveformBlock(
            weight: .parameter(.random([4, 10, 1], 1)), normWeight: nil, normBias: nil, activation: .relu,
            stride: 5)
        let narrow = Variable.parameter(.random([4, 8, 4], 2))
        #expect(Tape().convolve(.random([1, 400], 3), through: block, weight: narrow, stride: 4) == nil)
        let long = Variable.parameter(.random([4, 80, 4], 2))
        #expect(Tape().convolve(.random([1, 100], 3), through: block, weight: long, stride: 1) == nil)
    }
}
