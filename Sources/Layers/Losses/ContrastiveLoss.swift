import Autodiff
import CKernels
import Foundation
import Tensors

extension Tape {
    /// Σ over rows of −log σ(s₀) − w Σ_n log σ(−s_n): the true frame against 0, its negatives against 1
    /// (vq-wav2vec eq. 1; with w = 1 the paper's λ equals the number of negatives).
    ///
    /// - Parameters:
    ///   - scores: [rows, 1 + N], the true frame first.
    ///   - negativeWeight: w.
    /// - Returns: the sum in nats, [1].
    public func binaryContrastiveLoss(_ scores: Variable, negativeWeight: Float) -> Variable {
        let (rows, copies) = sizes(of: scores)
        let gradient = Tensor(uninitialized: scores.shape)
        let tiles = Tiling(rows: rows, target: 1024)
        let losses = Parallel.map(tiles.count) { tile in
            let start = tiles[tile].lowerBound * copies
            return vq_binary_loss(
                scores.value.pointer + start, gradient.pointer + start, tiles[tile].count, copies,
                negativeWeight)
        }
        return record(Tensor([Float(losses.reduce(0, +))], shape: [1]), inputs: [scores]) { dy in
            [scaled(gradient, by: dy.scalar)]
        }
    }

    /// Σ over rows of −log softmax(s)₀ (InfoNCE; fairseq: `infonce`).
    /// - Parameter scores: [rows, 1 + N], the true frame first.
    /// - Returns: the sum in nats, [1].
    public func infoNCELoss(_ scores: Variable) -> Variable {
        let (rows, copies) = sizes(of: scores)
        let p = Tensor(uninitialized: scores.shape)
        vq_softmax_rows(scores.value.pointer, nil, p.pointer, rows, copies, 1)
        var loss = 0.0
        for row in 0..<rows {
            let row = UnsafeBufferPointer(start: scores.value.pointer + row * copies, count: copies)
            let top = Double(row.max() ?? 0)
            loss += log(row.reduce(0) { $0 + exp(Double($1) - top) }) + top - Double(row[0])
        }
        return record(Tensor([Float(loss)], shape: [1]), inputs: [scores]) { dy in
            [infoNCEGradient(dy.scalar, p: p)]
        }
    }
}

/// Rows and candidates of scores.
private func sizes(of scores: Variable) -> (rows: Int, copies: Int) {
    precondition(
        scores.shape.count == 2 && scores.shape[1] > 0, "scores \(scores.shape) are not [rows, 1 + N]")
    return (scores.shape[0], scores.shape[1])
}

/// ∂L/∂s = softmax(s) − onehot(0).
private func infoNCEGradient(_ dy: Float, p: Tensor) -> Tensor {
    let gradient = scaled(p, by: dy)
    for row in 0..<p.shape[0] { gradient.pointer[row * p.shape[1]] -= dy }
    return gradient
}

private func scaled(_ x: Tensor, by factor: Float) -> Tensor {
    let y = x.copy()
    vq_scale(y.pointer, y.count, factor)
    return y
}
