import CKernels

/// What happens to gradients between the backward pass and the optimizer.
public enum Gradients {
    /// √Σ g² over all elements of all gradients, in double precision.
    public static func norm(_ variables: [Variable]) -> Double {
        var total = 0.0
        for gradient in variables.lazy.compactMap(\.gradient) {
            let tiles = Tiling(rows: gradient.count, target: 1 << 16)
            let partial = [Double](unsafeUninitializedCapacity: tiles.count) { sums, count in
                count = tiles.count
                guard let sums = sums.baseAddress else { return }
                Parallel.forEach(tiles.count) { tile in
                    sums[tile] = vq_sum_of_squares(
                        gradient.pointer + tiles[tile].lowerBound, tiles[tile].count)
                }
            }
            total += partial.reduce(0, +)
        }
        return total.squareRoot()
    }

    /// Multiplies all gradients by a number.
    public static func scale(_ variables: [Variable], by factor: Float) {
        for variable in variables {
            variable.withOwnGradient { gradient in
                Parallel.forEachTile(rows: gradient.count, target: 1 << 16) { _, range in
                    vq_scale(gradient.pointer + range.lowerBound, range.count, factor)
                }
            }
        }
    }
}

extension Tensor {
    /// The index of the first value that is NaN or infinite; nil where all are finite.
    public var firstNonFinite: Int? {
        let index = vq_first_non_finite(pointer, count)
        return index < 0 ? nil : index
    }
}
