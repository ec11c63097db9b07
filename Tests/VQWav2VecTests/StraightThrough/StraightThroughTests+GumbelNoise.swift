import Autodiff
import Foundation
import Layers
import Tensors
import Testing
import VQWav2Vec

extension StraightThroughTests {
    @Suite("7. The noise: drawn once per forward pass, a constant in the backward pass, Gumbel")
    struct GumbelNoise {
        @Test("The gradient is taken at the very noise that made the choice", arguments: [0.5, 2])
        func onceForBoth(temperature: Double) throws {
            let model = try SmallModel.make(.gumbel)
            let step = try CutStep(model, open: .both, temperature: temperature).quantization
            let noise = Tensor.gumbelNoise(
                shape: step.codebookInput.shape,
                streams: (0..<SmallModel.batch).map {
                    RandomStream(seed: 9, purpose: .gumbelNoise, update: 0, item: $0)
                }
            ).values
            let logits = step.codebookInput.value.values
            let codebook = try #require(model.quantizer).codebook.variable.value.values
            let (upstream, variables) = (step.quantized.slopes, step.variables)
            let width = codebook.count / variables
            var expected: [Double] = []
            for (choice, id) in step.ids.enumerated() {
                let range = choice * variables..<(choice + 1) * variables
                let noisy = range.map { Double(logits[$0]) + Double(noise[$0]) }
                #expect(noisy.indexOfMaximum == Int(id), "the noise of the choice")
                let slopes = (0..<variables).map { row in
                    (0..<width).reduce(0) {
                        $0 + Double(upstream[choice * width + $1]) * Double(codebook[row * width + $1])
                    }
                }
                let p = softmax(noisy, temperature: temperature)
                expected += throughSoftmax(slopes, p: p, temperature: temperature)
            }
            #expect(error(step.codebookInput.slopes, expected) < 1e-5, "the noise of the gradient")
        }

        @Test("Each forward pass draws anew; seed, update and utterance repeat a draw exactly")
        func drawnAnew() throws {
            let model = try SmallModel.make(.gumbel)
            let quantizer = try #require(model.quantizer)
            let z = try CutStep(model, open: []).z
            func ids(_ noise: StepNoise) -> [Int32] {
                quantizer.quantize(
                    z, temperature: 1, losses: QuantizerLosses(), noise: noise, on: Tape(recording: false)
                ).ids
            }
            let noise = SmallModel.noise()
            let (first, second) = (ids(noise), ids(noise))
            #expect(first != second)
            #expect(ids(SmallModel.noise()) == first)
            #expect(ids(SmallModel.noise(update: 1)) != first)
        }

        private static let count = 200_000

        /// From 20 utterances.
        private static func draws() -> [Float] {
            Tensor.gumbelNoise(
                shape: [20, count / 20],
                streams: (0..<20).map { RandomStream(seed: 1, purpose: .gumbelNoise, update: 3, item: $0) }
            ).values
        }

        /// The critical value is Kolmogorov's 1.9495/√n: one sound generator in a thousand is beyond it.
        @Test("Its distribution is exp(−exp(−x)): Kolmogorov–Smirnov on 200,000 draws, 0.1 % level")
        func kolmogorovSmirnov() {
            let n = Double(Self.count)
            let distance = Self.draws().sorted().enumerated().map { rank, x in
                let expected = exp(-exp(-Double(x)))
                return max(expected - Double(rank) / n, Double(rank + 1) / n - expected)
            }.max()
            #expect((distance ?? 1) < 1.9495 / n.squareRoot())
        }

        /// Within four standard errors: σ/√n for the mean, σ²√((κ − 1)/n) for the variance, κ = 5.4.
        @Test("Its mean is Euler's constant 0.5772…, its variance π²/6")
        func moments() {
            let (n, x) = (Double(Self.count), Self.draws().map(Double.init))
            let variance = Double.pi * Double.pi / 6
            let mean = x.reduce(0, +) / n
            let spread = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
            #expect(abs(mean - 0.577_215_664_901_533) < 4 * (variance / n).squareRoot())
            #expect(abs(spread - variance) < 4 * variance * (4.4 / n).squareRoot())
        }

        /// 34 million draws: enough that the smallest and the largest uniform number, 2⁻²⁴ and 1 − 2⁻²⁴,
        /// each came up (chances of missing one: 2 %, were the seed not fixed).
        @Test("It is never infinite: even the extreme uniform numbers give −2.81 and 16.64")
        func neverInfinite() throws {
            var (lowest, highest) = (Float.infinity, -Float.infinity)
            for item in 0..<8 {
                let noise = Tensor.gumbelNoise(
                    shape: [1 << 22], streams: [RandomStream(seed: 2, purpose: .gumbelNoise, item: item)])
                #expect(noise.firstNonFinite == nil)
                let values = UnsafeBufferPointer(start: noise.pointer, count: noise.count)
                lowest = min(lowest, try #require(values.min()))
                highest = max(highest, try #require(values.max()))
            }
            #expect(abs(lowest + log(24 * log(2))) < 1e-5)
            #expect(abs(highest - 24 * log(2)) < 1e-5)
        }

        /// The χ² statistic with five degrees of freedom exceeds 20.515 once in a thousand.
        @Test("Choosing the largest logit plus noise draws codeword v with probability softmax(l)ᵥ")
        func choicesFollowSoftmax() {
            let (frames, variables) = (100_000, 6)
            let logits: [Float] = [1, 0.5, 0, -0.5, -1, -2]
            let all = Tensor((0..<frames).flatMap { _ in logits }, shape: [frames, variables])
            let noise = Tensor.gumbelNoise(
                shape: all.shape, streams: [RandomStream(seed: 4, purpose: .gumbelNoise)])
            var counts = [Double](repeating: 0, count: variables)
            for id in argmax(all, noise: noise, variables: variables) { counts[Int(id)] += 1 }
            let expected = softmax(logits.map(Double.init), temperature: 1).map { $0 * Double(frames) }
            let chiSquare = zip(counts, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
            #expect(chiSquare < 20.515)
        }
    }
}
