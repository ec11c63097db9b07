import CKernels

/// The weight of a convolution or linear map cut into panels of few columns, each stored as it is read: for
/// every tap a matrix [depth, width] over which products sum by rows.
struct WeightPanels {
    /// What the columns are; the sum runs over the others.
    enum Columns {
        /// Output channels, as for outputs.
        case outputs
        /// Channels of input rows, stride·Cin, as for ∂L/∂x.
        case inputs
    }

    let columns: Panels
    /// Summed over.
    let depth: Int
    /// [taps, depth, width].
    private let panels: [SpacedMatrices]

    /// - Parameter weight: [Cout, k, Cin], k · Cin a multiple of `taps`.
    init(_ weight: Tensor, taps: Int, columns kind: Columns) {
        let (outputs, size) = (weight.shape[0], weight.shape[1] * weight.shape[2])
        self.init(MatrixView(weight.pointer, rows: outputs, columns: size), taps: taps, columns: kind)
    }

    /// - Parameter weight: [Cout, taps · inputs], rows side by side.
    init(_ weight: MatrixView, taps: Int = 1, columns kind: Columns) {
        let (outputs, inputs) = (weight.rows, weight.columns / taps)
        columns = Panels(columns: kind == .outputs ? outputs : inputs)
        depth = kind == .outputs ? inputs : outputs
        panels = (0..<columns.count).map { [columns, depth] in
            SpacedMatrices(count: taps, rows: depth, columns: columns[$0].count)
        }
        Parallel.forEach(columns.count * taps) { index in
            let (panel, tap) = (index / taps, index % taps)
            let (range, target) = (columns[panel], panels[panel][tap].pointer)
            switch kind {
            case .outputs:
                vq_transpose(
                    weight.pointer + (range.lowerBound * taps + tap) * inputs, taps * inputs, target,
                    range.count, inputs)
            case .inputs:
                for output in 0..<outputs {
                    (target + output * range.count).update(
                        from: weight.pointer + (output * taps + tap) * inputs + range.lowerBound,
                        count: range.count)
                }
            }
        }
    }

    /// w of a panel and tap, [depth, width].
    subscript(panel: Int, tap tap: Int) -> MatrixView { panels[panel][tap] }

    /// G w of a panel, [products, depth, width].
    /// - Parameter products: those rows of G.
    func transformed(_ panel: Int, by algorithm: BilinearAlgorithm, products: Range<Int>) -> SpacedMatrices {
        let taps = panels[panel]
        let result = SpacedMatrices(
            count: products.count, rows: taps.rows, columns: taps.columns)
        multiplyUnpacked(algorithm.weightMatrix.rows(products), taps.flat, into: result.flat)
        return result
    }
}
