import CKernels
import Tensors

extension Tape {
    /// Zeroes each value with probability `rate` and scales the others by 1/(1 − rate).
    ///
    /// The mask is never stored: forward and backward draw the same numbers from streams keyed by the
    /// utterance, so they do not depend on its place in the batch.
    ///
    /// - Parameters:
    ///   - x: [B, ...].
    ///   - streams: one random stream per item.
    public func dropout(_ x: Variable, rate: Double, streams: [RandomStream]) -> Variable {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate) is not at least 0 and below 1")
        guard rate > 0 else { return x }
        precondition(
            !streams.isEmpty && streams.count == x.shape.first,
            "\(streams.count) streams for the items of \(x.shape)")
        let y = masked(x.value, rate: Float(rate), streams: streams)
        return record(y, inputs: [x]) { dy in
            [masked(dy, rate: Float(rate), streams: streams)]
        }
    }
}

/// Forward and gradient alike: a product with the same mask.
private func masked(_ x: Tensor, rate: Float, streams: [RandomStream]) -> Tensor {
    let y = Tensor(uninitialized: x.shape)
    let perItem = x.count / streams.count
    Parallel.forEach(streams.count) { item in
        let stream = streams[item]
        vq_dropout(
            x.pointer + item * perItem, y.pointer + item * perItem, perItem, rate, stream.key.0, stream.key.1,
            stream.update, stream.item, stream.draw)
    }
    return y
}
