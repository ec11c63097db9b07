import Autodiff
import CKernels
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
        sumOfRows(scores) { vq_binary_loss($0, $1, $2, $3, negativeWeight) }
    }

    /// Σ over rows of −log softmax(s)₀ (InfoNCE; fairseq: `infonce`).
    /// - Parameter scores: [rows, 1 + N], the true frame first.
    /// - Returns: the sum in nats, [1].
    public func infoNCELoss(_ scores: Variable) -> Variable {
        sumOfRows(scores) { vq_softmax_loss($0, $1, $2, $3) }
    }

    /// A loss that is a sum over rows, with its gradient.
    /// - Parameter kernel: gets scores, room for ∂L/∂s, rows and candidates, and returns the sum.
    private func sumOfRows(
        _ scores: Variable,
        _ kernel: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Int) -> Double
    ) -> Variable {
        precondition(
            scores.shape.count == 2 && scores.shape[1] > 0, "scores \(scores.shape) are not [rows, 1 + N]")
        let (rows, copies) = (scores.shape[0], scores.shape[1])
        let gradient = Tensor(uninitialized: scores.shape)
        let tiles = Tiling(rows: rows, target: 1024)
        let values = scores.value
        let losses = Parallel.map(tiles.count) { tile in
            let start = tiles[tile].lowerBound * copies
            return kernel(values.pointer + start, gradient.pointer + start, tiles[tile].count, copies)
        }
        return record(Tensor([Float(losses.reduce(0, +))], shape: [1]), inputs: [scores]) { dy in
            [scaled(gradient, by: dy.scalar)]
        }
    }
}

private func scaled(_ x: Tensor, by factor: Float) -> Tensor {
    let y = Tensor(uninitialized: x.shape)
    Parallel.forEachTile(rows: x.count, target: elementTile) { _, range in
        (y.pointer + range.lowerBound).update(from: x.pointer + range.lowerBound, count: range.count)
        vq_scale(y.pointer + range.lowerBound, range.count, factor)
    }
    return y
}
