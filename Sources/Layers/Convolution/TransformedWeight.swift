import Tensors

/// The weights of a convolution as a bilinear algorithm multiplies by them, G w, kept for many calls.
struct TransformedWeight {
    private let columns: Panels
    /// Of each panel [R, stride·Cin, width].
    private let panels: [SpacedMatrices]

    /// - Parameter weight: [Cout, k, Cin], k · Cin a multiple of the algorithm's taps.
    init(_ weight: Tensor, _ algorithm: BilinearAlgorithm) {
        let weight = WeightPanels(weight, taps: algorithm.taps, columns: .outputs)
        columns = weight.columns
        panels = (0..<columns.count).map {
            weight.transformed($0, by: algorithm, products: 0..<algorithm.products)
        }
    }

    /// Multiplies each of the R matrices of frames by its weights, on the calling thread.
    func multiply(_ frames: TransformedFrames, into results: TransformedFrames) {
        for product in 0..<frames.products {
            for (panel, weight) in panels.enumerated() {
                multiplyUnpacked(
                    frames.product(product), weight[product],
                    into: results.product(product).columns(columns[panel]))
            }
        }
    }
}

extension WeightPanels {
    /// G w of a panel, [products, depth, width].
    /// - Parameter products: those rows of G.
    func transformed(_ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>) -> SpacedMatrices {
        let result = SpacedMatrices(count: products.count, rows: depth, columns: columns[panel].count)
        multiplyUnpacked(algorithm.weightMatrix.rows(products), taps(panel), into: result.flat)
        return result
    }
}
