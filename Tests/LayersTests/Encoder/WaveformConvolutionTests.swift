import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct WaveformConvolutionTests {
    struct Case: Sendable {
        let samples, channels, kernel, stride: Int

        init(_ samples: Int, _ channels: Int, k: Int, s: Int) {
            (self.samples, self.channels, kernel, stride) = (samples, channels, k, s)
        }

        var frames: Int { (samples - kernel) / stride + 1 }

        /// y[t, o] = Σ_j x[t·stride + j] · w[o, j], in double precision.
        func output(_ x: Tensor, _ weight: Tensor) -> [Double] {
            (0..<frames * channels).map { index in
                let (t, o) = (index / channels, index % channels)
                return (0..<kernel).reduce(0.0) {
                    $0 + Double(x.pointer[t * stride + $1]) * Double(weight.pointer[o * kernel + $1])
                }
            }
        }
    }

    private func store(_ x: Tensor) -> FrameStore {
        FrameStore(borrowing: UnsafeBufferPointer(start: UnsafePointer(x.pointer), count: x.count))
    }

    /// All rests of the loops over 4 frames and 16 channels; several tiles; a kernel too long for the matrix of
    /// products.
    static let cases = [
        Case(34, 1, k: 10, s: 5), Case(23, 16, k: 3, s: 2), Case(31, 17, k: 1, s: 1),
        Case(26, 35, k: 4, s: 3), Case(29, 48, k: 2, s: 5), Case(90_000, 20, k: 10, s: 5),
        Case(5000, 18, k: 100, s: 7),
    ]

    @Test(arguments: cases, Activation.allCases)
    func equalsDefinition(_ c: Case, activation: Activation) throws {
        let (x, weight) = (Tensor.random([c.samples], 1), Tensor.random([c.channels, c.kernel, 1], 2))
        let (gain, bias) = (Tensor.random([c.channels], 3), Tensor.random([c.channels], 4))
        let convolution = WaveformConvolution(weight: weight, stride: c.stride)
        let y = c.output(x, weight)
        let waveform = store(x)
        let norm = FrameNormalization(
            .group(1), moments: try convolution.moments(waveform), frames: c.frames, channels: c.channels,
            weight: gain,
            bias: bias,
            activation: activation)

        let mean = y.reduce(0, +) / Double(y.count)
        let variance = y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(y.count)
        let expected = y.enumerated().map { index, value in
            let channel = index % c.channels
            let normalised = (value - mean) / (variance + 1e-5).squareRoot()
            let u = normalised * Double(gain.pointer[channel]) + Double(bias.pointer[channel])
            return activation == .relu ? max(0, u) : u * normalDistribution(u)
        }
        // All frames at once, and from the middle on.
        let all = try convolution(waveform, 0..<c.frames, norm)
        #expect(all.shape == [c.frames, c.channels])
        expectClose(all, expected, within: 2e-6)
        let half = c.frames / 2
        let rest = try convolution(waveform, half..<c.frames, norm)
        #expect(rest.values == Array(all.values[(half * c.channels)...]), "values depend on their place")
    }

    /// A constant part a thousand times the rest, in filters that all pass it: the variance is a millionth of
    /// the mean square.
    @Test(arguments: [10, 100])
    func momentsWithLargeConstantPart(kernel: Int) throws {
        let c = Case(20_000, 3, k: kernel, s: 5)
        let x = Tensor(Tensor.random([c.samples], 1).values.map { 0.5 + 5e-4 * $0 }, shape: [c.samples])
        let weight = Tensor.random([c.channels, kernel, 1], 2)
        for o in 0..<c.channels {
            let row = UnsafeMutableBufferPointer(start: weight.pointer + o * kernel, count: kernel)
            let excess = (row.reduce(0, +) - 1) / Float(kernel)
            for j in row.indices { row[j] -= excess }
        }
        let convolution = WaveformConvolution(weight: weight, stride: c.stride)
        let moments = try convolution.moments(store(x))[0]
        let y = c.output(x, weight)
        let count = Double(y.count)
        let mean = y.reduce(0, +) / count
        let variance = y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let found = moments.squares / count - (moments.sum / count) * (moments.sum / count)
        #expect(variance < 1e-4 * mean * mean)
        // The long kernel's moments are those of the rounded output.
        #expect(abs(moments.sum / count - mean) < (kernel == 10 ? 1e-12 : 1e-7))
        #expect(
            abs(found - variance) < (kernel == 10 ? 1e-12 : 1e-9) * mean * mean, "\(found), \(variance)")
    }

    /// Where the convolution could exceed float32, or has no value, the moments are not numbers either.
    @Test(arguments: [-1e38, 3e38, .infinity, .nan] as [Float])
    func momentsOfTheImpossible(_ value: Float) throws {
        let x = Tensor.random([100], 1)
        x.pointer[57] = value
        let convolution = WaveformConvolution(weight: .random([4, 10, 1], 2), stride: 5)
        let moments = try convolution.moments(store(x))[0]
        #expect(!moments.squares.isFinite)
    }
}
