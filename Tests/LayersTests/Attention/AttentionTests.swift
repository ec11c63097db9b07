import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct AttentionTests {
    struct Case: Sendable {
        let batch, frames, channels, heads: Int
        var lengths: [Int]?
        var rate = 0.0

        var shape: [Int] { [batch, frames, channels] }
    }

    static let cases = [
        Case(batch: 1, frames: 1, channels: 1, heads: 1),
        Case(batch: 2, frames: 5, channels: 6, heads: 2),
        Case(batch: 2, frames: 7, channels: 8, heads: 1, lengths: [7, 3]),
        Case(batch: 3, frames: 4, channels: 12, heads: 4, lengths: [1, 4, 2]),
        Case(batch: 2, frames: 6, channels: 4, heads: 2, rate: 0.3),
        Case(batch: 2, frames: 5, channels: 4, heads: 2, lengths: [5, 4], rate: 0.5),
        // More queries than a tile holds.
        Case(batch: 1, frames: 200, channels: 3, heads: 1),
    ]

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let inputs = (1...3).map { Tensor.random(c.shape, $0) }
        var stream = RandomStream(seed: 1, purpose: .test)
        let kept = Tensor(
            (0..<c.batch * c.heads * c.frames * c.frames).map { _ in
                Double(stream.nextUniform()) < c.rate ? Float(0) : 1
            }, shape: [c.batch, c.heads, c.frames, c.frames])
        let passes = Passes(inputs) { tape, v in
            tape.attention(
                v[0], v[1], v[2], heads: c.heads, lengths: c.lengths,
                dropout: c.rate > 0 ? Dropout(rate: c.rate, kept: kept) : nil)
        }
        let reference: ([[Double]]) -> [Double] = { self.reference($0, c, kept: kept.doubles) }
        expectClose(passes.output, reference(inputs.map(\.doubles)), within: 1e-5)
        guard c.frames < 100 else { return }
        let gradients = centralDifferences(
            at: inputs.map(\.doubles), seed: passes.seed.doubles, of: reference)
        for (index, name) in ["q", "k", "v"].enumerated() {
            expectClose(passes.gradients[index], gradients[index], within: 2e-5, "∂L/∂\(name)")
        }
    }

    private func reference(_ inputs: [[Double]], _ c: Case, kept: [Double]) -> [Double] {
        let width = c.channels / c.heads
        var y = [Double](repeating: 0, count: c.batch * c.frames * c.channels)
        for item in 0..<c.batch {
            let keys = c.lengths?[item] ?? c.frames
            for head in 0..<c.heads {
                func place(_ frame: Int) -> Int { (item * c.frames + frame) * c.channels + head * width }
                for query in 0..<c.frames {
                    let p = softmax(
                        (0..<keys).map { key in
                            (0..<width).reduce(0.0) {
                                $0 + inputs[0][place(query) + $1] * inputs[1][place(key) + $1]
                            } / Double(width).squareRoot()
                        })
                    for key in 0..<keys {
                        let mask = kept[((item * c.heads + head) * c.frames + query) * c.frames + key]
                        for channel in 0..<width {
                            y[place(query) + channel] +=
                                p[key] * mask / (1 - c.rate) * inputs[2][place(key) + channel]
                        }
                    }
                }
            }
        }
        return y
    }

    /// What is drawn in the backward pass is what was drawn in the forward pass: with q = k = 0 all weights are equal, and
    /// ∂L/∂v is the transpose of what v was mixed by.
    @Test func dropoutIsDrawnAgain() {
        let (frames, rate) = (33, 0.4)
        let zero = Tensor(zeros: [1, frames, frames])
        let identity = Tensor(zeros: [1, frames, frames])
        for frame in 0..<frames { identity.pointer[frame * frames + frame] = 1 }
        let streams = [RandomStream(seed: 2, purpose: .test, item: 5)]
        let passes = Passes([zero, zero, identity]) { tape, v in
            tape.attention(v[0], v[1], v[2], heads: 1, dropout: Dropout(rate: rate, streams: streams))
        }
        // y is the dropped weights themselves, row by row.
        let weights = passes.output.doubles
        #expect(weights.allSatisfy { $0 == 0 || abs($0 - 1 / (Double(frames) * (1 - rate))) < 1e-6 })
        let dropped = weights.count { $0 == 0 }
        #expect(abs(Double(dropped) / Double(weights.count) - rate) < 0.06)
        var expected = [Double](repeating: 0, count: frames * frames)
        for query in 0..<frames {
            for key in 0..<frames {
                for channel in 0..<frames {
                    expected[key * frames + channel] +=
                        weights[query * frames + key] * passes.seed.doubles[query * frames + channel]
                }
            }
        }
        expectClose(passes.gradients[2], expected, within: 1e-5)
    }
}
