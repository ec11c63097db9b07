import Autodiff
import CKernels
import Tensors

extension Tape {
    /// Attention of every frame to all frames, by several heads (Vaswani et al. 2017, §3.2.2). For each head, with d of
    /// the channels of q, k and v:
    ///
    ///     P = softmax(q kᵀ / √d)        y = dropout(P) v
    ///
    /// P is computed for a few frames at a time, and again in the backward pass: never are there T × T numbers.
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
            q: q.value, k: k.value, v: v.value, heads: heads, lengths: lengths, dropout: dropout)
        return record(attention.output(), inputs: [q, k, v]) { attention.gradients($0) }
    }
}

private struct Attention: Sendable {
    let q: Tensor
    let k: Tensor
    let v: Tensor
    let heads: Int
    let lengths: [Int]?
    let dropout: Dropout?

    private var batch: Int { q.shape[0] }
    private var frames: Int { q.shape[1] }
    private var channels: Int { q.shape[2] }
    /// d.
    private var width: Int { channels / heads }
    private var scale: Float { 1 / Float(width).squareRoot() }
    /// Of queries: what they attend to stays in the cache.
    private var tiles: Tiling { Tiling(rows: frames, size: max(16, min(128, (1 << 17) / frames))) }

    private func keys(_ item: Int) -> Int { lengths?[item] ?? frames }

    /// [T, d].
    private func view(_ x: Tensor, _ item: Int, _ head: Int) -> MatrixView {
        MatrixView(
            x.pointer + item * frames * channels + head * width, rows: frames, columns: width,
            stride: channels)
    }

    /// P of some queries, [rows, keys].
    private func weights(_ item: Int, _ head: Int, _ rows: Range<Int>) -> Tensor {
        let p = Tensor(uninitialized: [rows.count, keys(item)])
        multiply(
            view(q, item, head).rows(rows), view(k, item, head).rows(0..<keys(item)), transposeB: true,
            into: p.matrix)
        vq_softmax_in_place(p.pointer, rows.count, keys(item), scale)
        return p
    }

    /// Of some rows of P, or of ∂L/∂P, in place.
    private func drop(_ p: Tensor, _ item: Int, _ head: Int, _ rows: Range<Int>) {
        guard let dropout else { return }
        let count = p.shape[1]
        for (index, query) in rows.enumerated() {
            let row = p.pointer + index * count
            dropout(row, row, count: count, item: item, row: head * frames + query, width: frames)
        }
    }

    func output() -> Tensor {
        let y = Tensor(uninitialized: q.shape)
        let tiles = tiles
        Parallel.forEach(batch * heads * tiles.count) { index in
            let (place, tile) = index.quotientAndRemainder(dividingBy: tiles.count)
            let (item, head) = place.quotientAndRemainder(dividingBy: heads)
            let p = weights(item, head, tiles[tile])
            drop(p, item, head, tiles[tile])
            multiply(
                p.matrix, view(v, item, head).rows(0..<keys(item)),
                into: view(y, item, head).rows(tiles[tile]))
        }
        return y
    }

    /// With D = dropout(P), and the sum over the keys of a query:
    ///
    ///     ∂L/∂v = Dᵀ ∂L/∂y        ∂L/∂P = dropout(∂L/∂y vᵀ)        S = P ⊙ (∂L/∂P − Σ P ⊙ ∂L/∂P) / √d
    ///     ∂L/∂q = S k             ∂L/∂k = Sᵀ q
    func gradients(_ dy: Tensor) -> [Tensor?] {
        let (dq, dk, dv) = (
            Tensor(uninitialized: q.shape), Tensor(uninitialized: q.shape), Tensor(uninitialized: q.shape)
        )
        Parallel.forEach(batch * heads) { index in
            let (item, head) = index.quotientAndRemainder(dividingBy: heads)
            let attended = 0..<keys(item)
            for tile in 0..<tiles.count {
                let rows = tiles[tile]
                // The first tile sets what the others add to.
                let beta: Float = tile == 0 ? 0 : 1
                let p = weights(item, head, rows)
                let dropped = dropout == nil ? p : p.copy()
                drop(dropped, item, head, rows)
                let upstream = view(dy, item, head).rows(rows)
                multiply(
                    dropped.matrix, upstream, transposeA: true, into: view(dv, item, head).rows(attended),
                    beta: beta)
                let ds = Tensor(uninitialized: p.shape)
                multiply(upstream, view(v, item, head).rows(attended), transposeB: true, into: ds.matrix)
                drop(ds, item, head, rows)
                vq_softmax_backward_rows(p.pointer, ds.pointer, ds.pointer, rows.count, p.shape[1], scale)
                multiply(
                    ds.matrix, view(k, item, head).rows(attended), into: view(dq, item, head).rows(rows))
                multiply(
                    ds.matrix, view(q, item, head).rows(rows), transposeA: true,
                    into: view(dk, item, head).rows(attended), beta: beta)
            }
            for gradient in [dk, dv] {
                let rest = view(gradient, item, head).rows(attended.upperBound..<frames)
                for row in 0..<rest.rows {
                    (rest.pointer + row * rest.stride).update(repeating: 0, count: width)
                }
            }
        }
        return [dq, dk, dv]
    }
}

extension Tensor {
    /// A tensor of two axes.
    fileprivate var matrix: MatrixView { MatrixView(pointer, rows: shape[0], columns: shape[1]) }
}
