import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

/// Blocks with each kind of norm, with a bias and without: an encoder without a tape computes what the tape does, as
/// wav2vec 2.0 needs them (a group for each channel in the first block and none after it, or layer norms).
@Suite struct BlockStyleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let norms: [Norm]
        var bias = false
        var affine = true
        var skips = false
    }

    static let cases: [Case] = [
        Case(testDescription: "a group for each channel, then none", norms: [.group(16), .none, .none]),
        Case(testDescription: "the same with biases", norms: [.group(16), .none, .none], bias: true),
        Case(testDescription: "layer norms with biases", norms: [.layer, .layer, .layer], bias: true),
        Case(testDescription: "layer norms", norms: [.layer, .layer, .layer], affine: false),
        Case(testDescription: "groups", norms: [.group(4), .group(2), .group(16)]),
        Case(testDescription: "groups with biases", norms: [.group(4), .group(1), .group(2)], bias: true),
        Case(testDescription: "no norms", norms: [.none, .none, .none], bias: true),
        Case(testDescription: "skips", norms: [.layer, .none, .group(2)], bias: true, skips: true),
    ]

    private func encoder(_ c: Case) -> FeatureEncoder {
        var initializer = Initializer(seed: 3)
        let layers: [ConvolutionLayer] = [.init(16, 10, 5), .init(32, 8, 4), .init(32, 4, 2)]
        let blocks = layers.indices.map { index in
            let style = BlockStyle(
                activation: .gelu, norm: c.norms[index], affineNorm: c.affine, bias: c.bias)
            return ConvolutionBlock(
                prefix: "blocks.\(index)", convolutionIndex: 0,
                inputs: index == 0 ? 1 : layers[index - 1].channels, layer: layers[index], style: style,
                initializer: &initializer)
        }
        let encoder = FeatureEncoder(
            blocks, logCompression: false, skipConnections: c.skips, residualScale: 0.7)
        for (index, parameter) in encoder.parameters.enumerated() where parameter.fairseqShape.count == 1 {
            parameter.variable.value.assign(.random([parameter.count], 50 + index))
        }
        return encoder
    }

    @Test(arguments: cases)
    func streamingEqualsTheTape(_ c: Case) throws {
        let encoder = encoder(c)
        let x = Tensor.random([1, 20_003], 1)
        for index in 0..<x.count { x.pointer[index] = 0.02 + 0.1 * x.pointer[index] }
        let expected = encoder(x, on: Tape(recording: false)).value
        let inference = EncoderInference(encoder)
        let waveform = FrameStore(
            borrowing: UnsafeBufferPointer(start: UnsafePointer(x.pointer), count: x.count))
        let folders = [String?](repeating: nil, count: encoder.blocks.count)
        let z = try inference(waveform, spillFolders: folders)
        #expect([1, z.frames, z.channels] == expected.shape)
        let found = try z(0..<z.frames)
        expectClose(found, expected.doubles, within: 1e-5)
        withExtendedLifetime(x) {}
    }

    /// The fused first two blocks against each operation by itself, which a probe asks for.
    @Test(arguments: cases.filter { !$0.skips })
    func gradientsAreThoseOfTheOperationsApart(_ c: Case) {
        let encoder = encoder(c)
        let x = Tensor.random([3, 1500], 1)
        func gradients(probe: ((Int, Variable) -> Void)?) -> [Tensor?] {
            for parameter in encoder.parameters { parameter.variable.clearGradient() }
            let tape = Tape()
            let z = encoder(x, on: tape, probe: probe)
            tape.backward(from: z, seed: .random(z.shape, 9))
            return encoder.parameters.map(\.variable.gradient)
        }
        let together = gradients(probe: nil)
        for (index, expected) in gradients(probe: { _, _ in }).enumerated() {
            expectClose(
                together[index], expected?.doubles ?? [], within: 2e-5, encoder.parameters[index].name)
        }
    }
}
