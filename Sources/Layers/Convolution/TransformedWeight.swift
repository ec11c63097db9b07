import Tensors

/// The weights of a convolution as a bilinear algorithm multiplies by them, for products r = 0 … R − 1:
///
///     (G w)[r] = Σ_j G[r, j] · w[j]        w[j] [depth, columns], of tap j
///
/// Made where they are used, so that they need not leave the cache (`WeightPanels`), or kept for many calls
/// (`KeptWeight`).
protocol TransformedWeight: Sendable {
    var columns: Panels { get }
    /// Summed over.
    var depth: Int { get }

    /// G w of a panel, [products, depth, width].
    /// - Parameter products: those rows of G.
    func transformed(
        _ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>, precision: Precision
    ) -> RightOperands
}

extension WeightPanels: TransformedWeight {
    func transformed(
        _ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>, precision: Precision
    ) -> RightOperands {
        let (matrix, taps) = (algorithm.weightMatrix.rows(products), taps(panel))
        let width = columns[panel].count
        guard precision == .bf16 else {
            let result = SpacedMatrices(count: products.count, rows: depth, columns: width)
            multiplyUnpacked(matrix, taps, into: result.flat)
            return .float32(result)
        }
        let result = RoundedMatrices(count: products.count, rows: depth, columns: width, pairing: .rows)
        if width == Panels.width {
            result.setTransform(matrix, of: taps)
            return .bf16(result)
        }
        // So many rows that what is transformed is rounded in the first-level cache.
        let tiles = Tiling(rows: depth, size: 16)
        let scratch = SpacedMatrices(count: products.count, rows: tiles.size, columns: width)
        for rows in tiles.ranges {
            let part = scratch.flat.columns(0..<rows.count * width)
            multiplyUnpacked(
                matrix, taps.columns(rows.lowerBound * width..<rows.upperBound * width), into: part)
            for product in 0..<products.count {
                result[product].rows(rows).round(scratch[product].rows(0..<rows.count))
            }
        }
        return .bf16(result)
    }
}
