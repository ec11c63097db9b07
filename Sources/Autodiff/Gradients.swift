import CKernels
import Tensors

/// What happens to gradients between the backward pass and the optimizer.
public enum Gradients {
    /// Multiplies all gradients by a number.
    /// - Returns: their norm afterwards, √Σ g² over all elements of all of them, in double precision.
    @discardableResult
    public static func scale(_ variables: [Variable], by factor: Float) -> Double {
        var total = 0.0
        for variable in variables {
            variable.withOwnGradient { total += scale($0, by: factor) }
        }
        return total.squareRoot()
    }

    /// Both in one pass through memory: a tile stays in the cache. Returns Σ g².
    private static func scale(_ gradient: Tensor, by factor: Float) -> Double {
        let tiles = Tiling(rows: gradient.count, target: 1 << 13)
        return Parallel.map(tiles.count) { index in
            let tile = gradient.pointer + tiles[index].lowerBound
            vq_scale(tile, tiles[index].count, factor)
            return vq_sum_of_squares(tile, tiles[index].count)
        }.reduce(0, +)
    }
}

extension Tensor {
    /// The index of the first value that is NaN or infinite; nil where all are finite.
    public var firstNonFinite: Int? {
        let index = vq_first_non_finite(pointer, count)
        return index < 0 ? nil : index
    }
}
