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
    func transformed(_ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>) -> SpacedMatrices
}

extension WeightPanels: TransformedWeight {
    func transformed(_ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>) -> SpacedMatrices {
        let result = SpacedMatrices(count: products.count, rows: depth, columns: columns[panel].count)
        multiplyUnpacked(algorithm.weightMatrix.rows(products), taps(panel), into: result.flat)
        return result
    }
}
