import CKernels
import Tensors

extension Tape {
    /// The mean of the squares of all values, summed in double precision.
    ///
    /// - Returns: [1].
    public func meanSquare(_ x: Variable) -> Variable {
        let count = max(1, x.value.count)
        let tiles = Tiling(rows: x.value.count, size: elementTile)
        let sums = Parallel.map(tiles.count) { tile in
            vq_sum_of_squares(x.value.pointer + tiles[tile].lowerBound, tiles[tile].count)
        }
        let mean = sums.reduce(0, +) / Double(count)
        return record(Tensor([Float(mean)], shape: [1]), inputs: [x]) { dy in
            // ∂L/∂x = 2 x / n · ∂L/∂y.
            [scaled(x.value, by: Float(2 * Double(dy.scalar) / Double(count)))]
        }
    }

    /// x itself; its gradient is multiplied by a factor on the way back (fairseq: `GradMultiply`).
    public func scaleGradient(_ x: Variable, by factor: Float) -> Variable {
        record(x.value, inputs: [x]) { dy in [scaled(dy, by: factor)] }
    }
}

/// On all threads.
private func scaled(_ x: Tensor, by factor: Float) -> Tensor {
    let y = Tensor(uninitialized: x.shape)
    Parallel.forEachTile(rows: x.count, target: elementTile) { _, range in
        let (from, to) = (x.pointer + range.lowerBound, y.pointer + range.lowerBound)
        for index in 0..<range.count { to[index] = from[index] * factor }
    }
    return y
}
