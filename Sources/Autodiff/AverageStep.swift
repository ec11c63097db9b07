import CKernels
import Tensors

/// One step of a moving average of weights (Kingma & Ba 2015, section 7.2), in place:
///
///     mean ← (1 − share) · mean + share · p
///
/// - Parameters:
///   - mean: of any shape.
///   - p: as many values, in the same order.
///   - share: from 0 to 1.
/// - Precondition: both have the same count.
public func averageStep(_ mean: Tensor, adding p: Tensor, share: Double) {
    precondition(mean.count == p.count, "an average of shape \(mean.shape) of values of shape \(p.shape)")
    Parallel.forEachTile(rows: p.count, target: elementTile) { _, range in
        let start = range.lowerBound
        vq_scale(mean.pointer + start, range.count, Float(1 - share))
        vq_add_scaled(mean.pointer + start, p.pointer + start, Float(share), range.count)
    }
}
