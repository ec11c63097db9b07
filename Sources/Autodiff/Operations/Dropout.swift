import CKernels
import Tensors

/// Zeroes each value with probability `rate` and scales the others by 1/(1 − rate).
///
/// Which values is never stored: whoever asks again, such as the backward pass, draws the same numbers from streams
/// keyed by the utterance, so they do not depend on its place in the batch.
public struct Dropout: Sendable {
    public let rate: Double
    private let source: Source

    private enum Source: Sendable {
        /// One for each item of the batch.
        case streams([RandomStream])
        /// 1 where a value is kept, else 0.
        case stored(Tensor)
    }

    /// - Parameter streams: one for each item of the batch.
    public init(rate: Double, streams: [RandomStream]) {
        precondition(rate >= 0 && rate < 1, "a dropout rate of \(rate) is not at least 0 and below 1")
        (self.rate, source) = (rate, .streams(streams))
    }

    /// Of numbers that were drawn elsewhere, as a test has them.
    /// - Parameter kept: 1 for each value that is kept, else 0; [B, ...] as the values.
    package init(rate: Double, kept: Tensor) {
        (self.rate, source) = (rate, .stored(kept))
    }

    package func requireItems(_ items: Int?) {
        guard case .streams(let streams) = source else { return }
        precondition(streams.count == items, "\(streams.count) streams for \(items ?? 0) items")
    }

    /// Some values, on the calling thread; in place where x and y are the same. An item's values are seen as rows of
    /// `width` values, each with random numbers of its own.
    /// - Parameters:
    ///   - column: of the row, where they begin: a multiple of `columnUnit`.
    package func callAsFunction(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, item: Int, row: Int,
        column: Int = 0, width: Int
    ) {
        precondition(
            column.isMultiple(of: Self.columnUnit), "column \(column) begins no block of random numbers")
        switch source {
        case .streams(let streams):
            let stream = streams[item]
            vq_dropout(
                x, y, count, Float(rate), stream.key.0, stream.key.1, stream.update, stream.item, stream.draw,
                row * vq_dropout_row(width) + vq_dropout_row(column))
        case .stored(let kept):
            let first = kept.pointer + item * (kept.count / kept.shape[0]) + row * width + column
            let scale = 1 / (1 - Float(rate))
            for index in 0..<count { y[index] = first[index] > 0 ? x[index] * scale : 0 }
        }
    }

    /// Values that a kernel draws numbers for together.
    package static let columnUnit = Int(vq_dropout_unit())

    /// All values of a tensor [B, ...].
    fileprivate func callAsFunction(_ x: Tensor) -> Tensor {
        let y = Tensor(uninitialized: x.shape)
        let items = max(1, x.shape[0])
        let tiles = Tiling(rows: x.count / items, size: elementTile)
        Parallel.forEach(items * tiles.count) { index in
            let (item, tile) = index.quotientAndRemainder(dividingBy: tiles.count)
            let start = item * tiles.rows + tiles[tile].lowerBound
            self(
                x.pointer + start, y.pointer + start, count: tiles[tile].count, item: item, row: tile,
                width: elementTile)
        }
        return y
    }
}

extension Tape {
    /// - Parameter x: [B, ...].
    public func dropout(_ x: Variable, _ dropout: Dropout) -> Variable {
        guard dropout.rate > 0 else { return x }
        dropout.requireItems(x.shape.first)
        // Forward and gradient alike: a product with the same mask.
        return record(dropout(x.value), inputs: [x]) { dy in [dropout(dy)] }
    }

    /// - Parameters:
    ///   - x: [B, ...].
    ///   - streams: one random stream per item.
    public func dropout(_ x: Variable, rate: Double, streams: [RandomStream]) -> Variable {
        dropout(x, Dropout(rate: rate, streams: streams))
    }
}
