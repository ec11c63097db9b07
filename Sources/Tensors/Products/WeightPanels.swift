import CKernels

/// The weight of a convolution or linear map cut into panels of few columns: for every tap a matrix
/// [depth, width] over which products sum by rows.
package struct WeightPanels: Sendable {
    /// What the columns are; the sum runs over the others.
    package enum Columns: Sendable {
        /// Output channels, as for outputs.
        case outputs
        /// Channels of input rows, stride·Cin, as for ∂L/∂x.
        case inputs
    }

    package let columns: Panels
    /// Summed over.
    package let depth: Int
    private let storage: Storage

    private enum Storage {
        /// Of each panel [taps, depth, width].
        case copies([SpacedMatrices])
        /// The weight itself, [Cout, k, Cin].
        case inPlace(Tensor, taps: Int)
    }

    /// For a bilinear algorithm, which reads each number once for several products: what lies there in panels as it is
    /// need not be copied.
    /// - Parameter weight: [Cout, k, Cin], k · Cin a multiple of `taps`.
    package init(_ weight: Tensor, taps: Int, columns kind: Columns) {
        let (outputs, size) = (weight.shape[0], weight.shape[1] * weight.shape[2])
        guard kind == .inputs, size / taps % Panels.width == 0 else {
            self.init(MatrixView(weight.pointer, rows: outputs, columns: size), taps: taps, columns: kind)
            return
        }
        self.init(
            columns: Panels(columns: size / taps), depth: outputs, storage: .inPlace(weight, taps: taps))
    }

    private init(columns: Panels, depth: Int, storage: Storage) {
        (self.columns, self.depth, self.storage) = (columns, depth, storage)
    }

    /// Copies them, as products with many rows want them.
    /// - Parameter weight: [Cout, taps · inputs], rows side by side.
    package init(_ weight: MatrixView, taps: Int = 1, columns kind: Columns) {
        let (outputs, inputs) = (weight.rows, weight.columns / taps)
        let columns = Panels(columns: kind == .outputs ? outputs : inputs)
        let depth = kind == .outputs ? inputs : outputs
        let panels = (0..<columns.count).map {
            SpacedMatrices(count: taps, rows: depth, columns: columns[$0].count)
        }
        self.init(columns: columns, depth: depth, storage: .copies(panels))
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
    package subscript(panel: Int, tap tap: Int) -> MatrixView {
        switch storage {
        case .copies(let panels): return panels[panel][tap]
        case .inPlace:
            let taps = taps(panel)
            return MatrixView(
                taps.pointer + tap * taps.stride, rows: depth, columns: Panels.width,
                stride: taps.panelStride)
        }
    }

    /// w of a panel, [taps, depth · width].
    package func taps(_ panel: Int) -> MatrixView {
        switch storage {
        case .copies(let panels): return panels[panel].flat
        case .inPlace(let weight, let taps):
            let inputs = columns.columns
            return MatrixView(
                weight.pointer + columns[panel].lowerBound, rows: taps, columns: depth * Panels.width,
                stride: inputs, panelStride: taps * inputs)
        }
    }
}
