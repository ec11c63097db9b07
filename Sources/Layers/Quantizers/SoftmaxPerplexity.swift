import Autodiff
import CKernels
import Foundation
import Tensors

extension Tape {
    /// Σ_g exp(H(p̄_g)), p̄_g the mean over all frames of the noise-free softmax of group g: between G
    /// (every frame the same codeword) and G·V (all codewords alike). The diversity loss of wav2vec 2.0
    /// (eq. 4, in fairseq's form G·V − perplexity) is made of it.
    ///
    /// It looks at the logits alone: its gradient needs no codeword to be selected and no ẑ.
    ///
    /// - Parameter logits: [R, G·V].
    /// - Returns: the sum [1], and the perplexity of each group.
    public func softmaxPerplexity(logits: Variable, groups: Int) -> (Variable, perGroup: [Double]) {
        precondition(
            logits.shape.count == 2 && logits.shape[0] > 0 && groups > 0 && logits.shape[1] % groups == 0,
            "logits \(logits.shape) are not [R, V] for each of \(groups) groups")
        let (p, mean) = meanSoftmax(logits.value, groups: groups)
        let variables = logits.shape[1] / groups
        let perplexities = (0..<groups).map { group in
            perplexity(mean[group * variables..<(group + 1) * variables])
        }
        let sum = Tensor([Float(perplexities.reduce(0, +))], shape: [1])
        let output = record(sum, inputs: [logits]) { dy in
            [softmaxPerplexityGradient(dy.scalar, p: p, mean: mean, perplexities, groups: groups)]
        }
        return (output, perplexities)
    }
}

/// exp(−Σ p log(p + 10⁻⁷)) of frequencies that sum to 1, the small number being fairseq's.
public func perplexity(_ p: some Sequence<Double>) -> Double {
    exp(-p.reduce(0) { $0 + $1 * log($1 + 1e-7) })
}

/// ∂perplexity/∂p̄_v = −perplexity · (log(p̄_v + 10⁻⁷) + p̄_v / (p̄_v + 10⁻⁷)), then through the mean and
/// the softmax: ∂/∂l = (diag p − p pᵀ) ∂/∂p̄ / R for each frame.
private func softmaxPerplexityGradient(
    _ dy: Float, p: Tensor, mean: [Double], _ perplexities: [Double], groups: Int
) -> Tensor {
    let (rows, width) = (p.shape[0], p.shape[1])
    let slopes = mean.indices.map { index in
        let value = mean[index] + 1e-7
        return Float(-perplexities[index / (width / groups)] * (log(value) + mean[index] / value))
    }
    let slope = Tensor(slopes, shape: [width])
    let dLogits = Tensor(uninitialized: p.shape)
    Parallel.forEachTile(rows: rows) { _, range in
        for row in range { (dLogits.pointer + row * width).update(from: slope.pointer, count: width) }
        let start = range.lowerBound * width
        vq_softmax_backward_rows(
            p.pointer + start, dLogits.pointer + start, dLogits.pointer + start, range.count * groups,
            width / groups, dy / Float(rows))
    }
    return dLogits
}

/// The softmax of every frame and group [R, G·V], and its mean over the frames [G·V].
private func meanSoftmax(_ logits: Tensor, groups: Int) -> (Tensor, [Double]) {
    let (rows, width) = (logits.shape[0], logits.shape[1])
    let p = Tensor(uninitialized: logits.shape)
    let tiles = Tiling(rows: rows, target: 256)
    let partial = Parallel.sums(tiles.count, width: width) { tile, sums in
        let range = tiles[tile]
        let start = range.lowerBound * width
        vq_softmax_rows(
            logits.pointer + start, nil, p.pointer + start, range.count * groups, width / groups, 1)
        vq_column_sums(p.pointer + start, range.count, width, width, sums)
    }
    let mean = (0..<width).map { column in
        (0..<tiles.count).reduce(0.0) { $0 + partial[$1 * width + column] } / Double(rows)
    }
    return (p, mean)
}
