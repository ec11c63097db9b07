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
        // More queries than a tile holds, and more keys than a block.
        Case(batch: 1, frames: 200, channels: 3, heads: 1),
        Case(batch: 1, frames: 600, channels: 2, heads: 1),
        Case(batch: 2, frames: 530, channels: 2, heads: 1, lengths: [530, 515], rate: 0.3),
    ]

    /// In bf16 of what four operands' rounding explains: 2⁻⁹ each at most.
    @Test(arguments: [
        Case(batch: 1, frames: 33, channels: 32, heads: 1),
        Case(batch: 2, frames: 301, channels: 66, heads: 2, lengths: [301, 277], rate: 0.3),
        Case(batch: 1, frames: 601, channels: 64, heads: 1),
    ])
    func roundsItsOperands(_ c: Case) {
        let inputs = (1...3).map { Tensor.random(c.shape, $0) }
        func passes(_ precision: Precision) -> Passes {
            Passes(inputs, precision: precision) { tape, v in
                tape.attention(
                    v[0], v[1], v[2], heads: c.heads, lengths: c.lengths,
                    dropout: c.rate > 0
                        ? Dropout(
                            rate: c.rate,
                            streams: (0..<c.batch).map { RandomStream(seed: 3, purpose: .dropout, item: $0) })
                        : nil)
            }
        }
        let (exact, rounded) = (passes(.float32), passes(.bf16))
        let pairs =
            [(rounded.output, exact.output)]
            + zip(rounded.gradients, exact.gradients).map { ($0 ?? exact.output, $1 ?? exact.output) }
        for (rounded, exact) in pairs {
            let error = rounded.relativeError(to: exact)
            #expect(error > 1e-4 && error < 8e-3, "\(error)")
        }
    }

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
        guard c.frames < 100 else { return expectExactGradients(passes, inputs, c, kept: kept.doubles) }
        let gradients = centralDifferences(
            at: inputs.map(\.doubles), seed: passes.seed.doubles, of: reference)
        for (index, name) in ["q", "k", "v"].enumerated() {
            expectClose(passes.gradients[index], gradients[index], within: 2e-5, "∂L/∂\(name)")
        }
    }

    /// By the derivative of the softmax, where differences would take too long.
    private func expectExactGradients(_ passes: Passes, _ inputs: [Tensor], _ c: Case, kept: [Double]) {
        let (width, x) = (c.channels / c.heads, inputs.map(\.doubles))
        var gradients = x.map { $0.map { _ in 0.0 } }
        let dy = passes.seed.doubles
        for item in 0..<c.batch {
            let keys = c.lengths?[item] ?? c.frames
            for head in 0..<c.heads {
                func place(_ frame: Int) -> Int { (item * c.frames + frame) * c.channels + head * width }
                for query in 0..<c.frames {
                    let (p, mask) = weights(x, c, kept: kept, item, head, query)
                    let dp = (0..<keys).map { key -> Double in
                        let (q, k) = (place(query), place(key))
                        return mask[key] * (0..<width).reduce(0.0) { $0 + dy[q + $1] * x[2][k + $1] }
                    }
                    let mean = zip(p, dp).reduce(0.0) { $0 + $1.0 * $1.1 }
                    for key in 0..<keys {
                        let ds = p[key] * (dp[key] - mean) / Double(width).squareRoot()
                        for channel in 0..<width {
                            gradients[0][place(query) + channel] += ds * x[1][place(key) + channel]
                            gradients[1][place(key) + channel] += ds * x[0][place(query) + channel]
                            gradients[2][place(key) + channel] +=
                                p[key] * mask[key] * dy[place(query) + channel]
                        }
                    }
                }
            }
        }
        for (index, name) in ["q", "k", "v"].enumerated() {
            expectClose(passes.gradients[index], gradients[index], within: 2e-5, "∂L/∂\(name)")
        }
    }

    /// P of a query, and what dropout multiplies it by.
    private func weights(
        _ inputs: [[Double]], _ c: Case, kept: [Double], _ item: Int, _ head: Int, _ query: Int
    ) -> (p: [Double], mask: [Double]) {
        let width = c.channels / c.heads
        let keys = c.lengths?[item] ?? c.frames
        func place(_ frame: Int) -> Int { (item * c.frames + frame) * c.channels + head * width }
        let p = softmax(
            (0..<keys).map { key in
                (0..<width).reduce(0.0) { $0 + inputs[0][place(query) + $1] * inputs[1][place(key) + $1] }
                    / Double(width).squareRoot()
            })
        let first = ((item * c.heads + head) * c.frames + query) * c.frames
        return (p, (0..<keys).map { kept[first + $0] / (1 - c.rate) })
    }

    private func reference(_ inputs: [[Double]], _ c: Case, kept: [Double]) -> [Double] {
        let width = c.channels / c.heads
        var y = [Double](repeating: 0, count: c.batch * c.frames * c.channels)
        for item in 0..<c.batch {
            let keys = c.lengths?[item] ?? c.frames
            for head in 0..<c.heads {
                func place(_ frame: Int) -> Int { (item * c.frames + frame) * c.channels + head * width }
                for query in 0..<c.frames {
                    let (p, mask) = weights(inputs, c, kept: kept, item, head, query)
                    for key in 0..<keys {
                        for channel in 0..<width {
                            y[place(query) + channel] += p[key] * mask[key] * inputs[2][place(key) + channel]
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
