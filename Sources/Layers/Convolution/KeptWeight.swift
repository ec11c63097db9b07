import Tensors

/// G w of all products, transformed once: the weights of inference, which multiply tile after tile of many
/// recordings. They take R/k times the memory of the weight.
///
/// A copy: after a change of the weight another one is to be made.
struct KeptWeight: TransformedWeight {
    let columns: Panels
    /// stride·Cin.
    let depth: Int
    /// Of each panel [R, stride·Cin, width].
    private let panels: [RightOperands]

    /// - Parameter weight: [Cout, k, Cin], k · Cin a multiple of the algorithm's taps.
    init(_ weight: Tensor, _ algorithm: BilinearAlgorithm, precision: Precision) {
        let weight = WeightPanels(weight, taps: algorithm.taps, columns: .outputs)
        (columns, depth) = (weight.columns, weight.depth)
        panels = (0..<columns.count).map {
            weight.transformed(
                $0, by: algorithm, products: 0..<algorithm.products, precision: precision)
        }
    }

    /// - Precondition: the algorithm and precision that it was made for.
    func transformed(
        _ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>, precision: Precision
    ) -> RightOperands {
        panels[panel].suffix(from: products.lowerBound)
    }
}
