import Tensors

/// The weights of a convolution as a bilinear algorithm multiplies by them, G w: made where they are used, so that
/// they need not leave the cache, or kept for many calls.
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

struct KeptWeight: TransformedWeight {
    let columns: Panels
    let depth: Int
    /// Of each panel [R, stride·Cin, width].
    private let panels: [SpacedMatrices]

    /// - Parameter weight: [Cout, k, Cin], k · Cin a multiple of the algorithm's taps.
    init(_ weight: Tensor, _ algorithm: BilinearAlgorithm) {
        let weight = WeightPanels(weight, taps: algorithm.taps, columns: .outputs)
        (columns, depth) = (weight.columns, weight.depth)
        panels = (0..<columns.count).map {
            weight.transformed($0, by: algorithm, products: 0..<algorithm.products)
        }
    }

    func transformed(_ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>) -> SpacedMatrices {
        panels[panel].suffix(from: products.lowerBound)
    }
}
