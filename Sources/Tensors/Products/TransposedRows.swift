import CKernels

/// The transpose of some rows, Bᵀ for products A · Bᵀ with many rows of A: in panels, with zeros behind the last row,
/// since products of columns that fill no block of registers take longer.
package struct TransposedRows: Sendable {
    /// [panels, channels, width of a panel].
    private let values: Tensor

    package init(_ x: MatrixView) {
        let (panels, channels) = (Panels(columns: x.rows), x.columns)
        let values = Tensor(uninitialized: [panels.count, channels, Panels.width])
        self.values = values
        Parallel.forEach(panels.count) { panel in
            let (rows, target) = (x.rows(panels[panel]), values.pointer + panel * channels * Panels.width)
            guard rows.rows < Panels.width else {
                vq_transpose(rows.pointer, rows.stride, target, Panels.width, channels)
                return
            }
            let filled = Tensor(zeros: [Panels.width, channels])
            for row in 0..<rows.rows {
                (filled.pointer + row * channels).update(
                    from: rows.pointer + row * rows.stride, count: channels)
            }
            vq_transpose(filled.pointer, channels, target, Panels.width, channels)
        }
    }

    /// Of rows that begin with a panel, [channels, width(rows.count)].
    package subscript(rows: Range<Int>) -> MatrixView {
        let size = values.shape[1] * Panels.width
        return MatrixView(
            values.pointer + rows.lowerBound / Panels.width * size, rows: values.shape[1],
            columns: Self.width(rows.count), stride: Panels.width, panelStride: size)
    }

    /// Columns of a product with so many rows: whole blocks, of which two are a panel.
    package static func width(_ rows: Int) -> Int {
        let block = Panels.width / 2
        return (rows + block - 1) / block * block
    }
}
