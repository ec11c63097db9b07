import Autodiff
import CKernels
import Foundation
import Tensors

extension Tape {
    /// Attention of every frame to all frames, by several heads (Vaswani et al. 2017, §3.2.2). For each head, with d of
    /// the channels of q, k and v:
    ///
    ///     P = softmax(q kᵀ / √d)        y = dropout(P) v
    ///
    /// P is computed for some queries and keys at a time, and again in the backward pass: never are there T × T numbers
    /// (Dao et al. 2022, FlashAttention).
    ///
    /// - Parameters:
    ///   - q: queries, [B, T, C].
    ///   - k: keys, [B, T, C].
    ///   - v: values, [B, T, C].
    ///   - heads: a divisor of C.
    ///   - lengths: of each item the number of frames that are attended to, from the first one on; nil for all.
    ///   - dropout: of P; nil for none.
    /// - Returns: [B, T, C].
    public func attention(
        _ q: Variable, _ k: Variable, _ v: Variable, heads: Int, lengths: [Int]? = nil,
        dropout: Dropout? = nil
    ) -> Variable {
        precondition(
            q.shape.count == 3 && q.shape == k.shape && q.shape == v.shape && heads > 0
                && q.shape[2] % heads == 0,
            "queries \(q.shape), keys \(k.shape) and values \(v.shape) do not fit \(heads) heads")
        precondition(
            lengths.map { $0.count == q.shape[0] && $0.allSatisfy { (1...q.shape[1]).contains($0) } } ?? true,
            "lengths are one for each item, from 1 to \(q.shape[1])")
        dropout?.requireItems(q.shape[0])
        let attention = Attention(
            q: q.value, k: k.value, v: v.value, heads: heads, lengths: lengths, dropout: dropout,
            precision: precision.forProduct(depth: q.shape[2] / heads, columns: q.shape[1]))
        let (y, logSums) = attention.output()
        return record(y, inputs: [q, k, v]) { attention.gradients($0, y: y, logSums: logSums) }
    }
}

private struct Attention: Sendable {
    let q: Tensor
    let k: Tensor
    let v: Tensor
    let heads: Int
    let lengths: [Int]?
    let dropout: Dropout?
    let precision: Precision

    private var batch: Int { q.shape[0] }
    private var frames: Int { q.shape[1] }
    private var channels: Int { q.shape[2] }
    /// d.
    private var width: Int { channels / heads }
    private var scale: Float { 1 / Float(width).squareRoot() }
    /// Of queries: whole blocks of a product.
    private var tiles: Tiling { Tiling(rows: frames, size: 112) }

    private func keys(_ item: Int) -> Int { lengths?[item] ?? frames }

    /// Keys whose scores are in the cache together: whole blocks of a product, and of random numbers.
    private func blocks(_ item: Int) -> Tiling { Tiling(rows: keys(item), size: 8 * Dropout.columnUnit) }

    /// [T, d].
    private func view(_ x: Tensor, _ item: Int, _ head: Int) -> MatrixView {
        MatrixView(
            x.pointer + item * frames * channels + head * width, rows: frames, columns: width,
            stride: channels)
    }

    /// A copy as products read it.
    private func copy(_ x: MatrixView, for uses: ProductFrames.Uses) -> ProductFrames {
        ProductFrames(copying: x, precision: precision, for: uses)
    }

    /// y, and of each query the logarithm of the sum over keys of the exponentials of scores, [B, heads, T].
    func output() -> (y: Tensor, logSums: Tensor) {
        let y = Tensor(uninitialized: q.shape)
        let logSums = Tensor(uninitialized: [batch, heads, frames])
        let attended = Parallel.map(batch * heads) { index in
            let (item, head) = index.quotientAndRemainder(dividingBy: heads)
            let keys = 0..<keys(item)
            return (
                queries: ProductRows(view(q, item, head), precision: precision),
                keys: HeadColumns(view(k, item, head).rows(keys), precision: precision),
                values: copy(view(v, item, head).rows(keys), for: .frameSums)
            )
        }
        let tiles = tiles
        Parallel.forEach(batch * heads * tiles.count) { index in
            let (place, tile) = index.quotientAndRemainder(dividingBy: tiles.count)
            let (item, head) = place.quotientAndRemainder(dividingBy: heads)
            let rows = tiles[tile]
            let (output, queries) = (view(y, item, head).rows(rows), attended[place].queries[rows])
            let sums = RowSums(rows.count)
            let scores = ScoreTile(rows.count, blocks(item).largest)
            let factors = ScoreFactors(rows.count, blocks(item).largest, precision, for: .channelSums)
            for keys in blocks(item).ranges {
                let weights = scores.columns(keys.count)
                multiplyUnpacked(queries, attended[place].keys[keys], into: scores.filled(keys.count))
                vq_attention_weights(
                    weights.pointer, weights.rows, weights.columns, weights.stride, scale, sums.top.pointer,
                    sums.sum.pointer, sums.factor.pointer)
                drop(weights, weights, item, head, queries: rows, keys: keys)
                if keys.lowerBound > 0 { scaleRows(output, by: sums.factor) }
                multiplyUnpacked(
                    factors.byChannel(weights), attended[place].values.byFrame().rows(keys), into: output,
                    adding: keys.lowerBound > 0)
            }
            for row in 0..<rows.count {
                logSums.pointer[place * frames + rows.lowerBound + row] =
                    sums.top.pointer[row] + log(sums.sum.pointer[row])
                sums.factor.pointer[row] = 1 / sums.sum.pointer[row]
            }
            scaleRows(output, by: sums.factor)
        }
        return (y, logSums)
    }

    /// Drops values of some rows and columns of P; in place where x and y are the same.
    private func drop(
        _ x: MatrixView, _ y: MatrixView, _ item: Int, _ head: Int, queries: Range<Int>, keys: Range<Int>
    ) {
        guard let dropout else { return }
        for (row, query) in queries.enumerated() {
            dropout(
                x.pointer + row * x.stride, y.pointer + row * y.stride, count: keys.count, item: item,
                row: head * frames + query, column: keys.lowerBound, width: frames)
        }
    }

    private func scaleRows(_ matrix: MatrixView, by factors: Tensor) {
        for row in 0..<matrix.rows {
            vq_scale(matrix.pointer + row * matrix.stride, matrix.columns, factors.pointer[row])
        }
    }

    /// With D = dropout(P), and the sum over the keys of a query, which is that of y ⊙ ∂L/∂y over its channels:
    ///
    ///     ∂L/∂v = Dᵀ ∂L/∂y        ∂L/∂P = dropout(∂L/∂y vᵀ)        S = P ⊙ (∂L/∂P − Σ P ⊙ ∂L/∂P) / √d
    ///     ∂L/∂q = S k             ∂L/∂k = Sᵀ q
    func gradients(_ dy: Tensor, y: Tensor, logSums: Tensor) -> [Tensor?] {
        let (dq, dk, dv) = (
            Tensor(uninitialized: q.shape), Tensor(uninitialized: q.shape), Tensor(uninitialized: q.shape)
        )
        Parallel.forEach(batch * heads) { place in
            let (item, head) = place.quotientAndRemainder(dividingBy: heads)
            func view(_ x: Tensor, _ rows: Range<Int>) -> MatrixView { self.view(x, item, head).rows(rows) }
            let (all, attended) = (0..<frames, 0..<keys(item))
            let keys = HeadColumns(view(k, attended), precision: precision)
            let values = HeadColumns(view(v, attended), precision: precision)
            let queries = ProductRows(view(q, all), precision: precision)
            let upstream = ProductRows(view(dy, all), precision: precision)
            let keyFrames = copy(view(k, attended), for: .frameSums)
            let queryFrames = copy(view(q, all), for: .frameSums)
            let upstreamFrames = copy(view(dy, all), for: .frameSums)
            let means = Tensor(uninitialized: [frames])
            vq_row_products(
                view(y, all).pointer, view(dy, all).pointer, frames, width, channels, means.pointer)
            let (most, size) = (tiles.largest, blocks(item).largest)
            let (scores, slopes) = (ScoreTile(most, size), ScoreTile(most, size))
            let weightFactors = ScoreFactors(most, size, precision, for: .frameSums)
            let slopeFactors = ScoreFactors(most, size, precision, for: [.channelSums, .frameSums])
            let mask = dropout.map { _ in (ones: Tensor.ones(size), values: ScoreTile(most, size)) }
            for block in blocks(item).ranges {
                for rows in tiles.ranges {
                    let p = scores.columns(block.count).rows(0..<rows.count)
                    let ds = slopes.columns(block.count).rows(0..<rows.count)
                    multiplyUnpacked(
                        queries[rows], keys[block], into: scores.filled(block.count).rows(0..<rows.count))
                    multiplyUnpacked(
                        upstream[rows], values[block],
                        into: slopes.filled(block.count).rows(0..<rows.count))
                    let kept = mask.map { mask in
                        let kept = mask.values.columns(block.count).rows(0..<rows.count)
                        let ones = MatrixView(
                            mask.ones.pointer, rows: rows.count, columns: block.count, stride: 0)
                        drop(ones, kept, item, head, queries: rows, keys: block)
                        return kept
                    }
                    vq_attention_gradient(
                        p.pointer, ds.pointer, kept?.pointer, p.rows, p.columns, p.stride, scale,
                        logSums.pointer + place * frames + rows.lowerBound, means.pointer + rows.lowerBound)
                    // The first tile, and the first block, set what the others add to.
                    multiplyUnpacked(
                        weightFactors.byFrame(p), upstreamFrames.byFrame().rows(rows), transposeA: true,
                        into: view(dv, block), adding: rows.lowerBound > 0)
                    multiplyUnpacked(
                        slopeFactors.byFrame(ds), queryFrames.byFrame().rows(rows), transposeA: true,
                        into: view(dk, block), adding: rows.lowerBound > 0)
                    multiplyUnpacked(
                        slopeFactors.byChannel(ds), keyFrames.byFrame().rows(block), into: view(dq, rows),
                        adding: block.lowerBound > 0)
                }
            }
            for gradient in [dk, dv] {
                let rest = view(gradient, attended.upperBound..<frames)
                for row in 0..<rest.rows {
                    (rest.pointer + row * rest.stride).update(repeating: 0, count: width)
                }
            }
        }
        return [dq, dk, dv]
    }
}

/// What the softmax of some rows has added up.
private struct RowSums {
    let top: Tensor
    let sum: Tensor
    /// By which what was made of earlier columns is to be multiplied.
    let factor: Tensor

    init(_ rows: Int) {
        (top, sum, factor) = (
            Tensor(uninitialized: [rows]), Tensor(zeros: [rows]), Tensor(uninitialized: [rows])
        )
        top.fill(-.infinity)
    }
}

/// Scores of up to so many queries and keys.
private struct ScoreTile {
    private let values: Tensor

    /// Rows are an odd number of cache lines apart, which is no power of two.
    init(_ queries: Int, _ keys: Int) {
        let line = 16
        let lines = (TransposedRows.width(keys) + line - 1) / line | 1
        values = Tensor(uninitialized: [queries, line * lines])
    }

    /// The columns of so many keys, and those behind them that whole blocks of a product take.
    func filled(_ keys: Int) -> MatrixView { columns(TransposedRows.width(keys)) }

    /// So many columns of each row.
    func columns(_ count: Int) -> MatrixView {
        MatrixView(values.pointer, rows: values.shape[0], columns: count, stride: values.shape[1])
    }
}

extension Tensor {
    fileprivate static func ones(_ count: Int) -> Tensor {
        let ones = Tensor(uninitialized: [count])
        ones.fill(1)
        return ones
    }
}
