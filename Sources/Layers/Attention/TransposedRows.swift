import CKernels
import Tensors

/// The transpose of some rows as products read it, in whole panels, with zeros behind the last row: products of panels
/// that are not whole take longer.
struct TransposedRows: Sendable {
    /// [panels, channels, width of a panel].
    private let values: Tensor

    init(_ x: MatrixView) {
        let panels = Panels(columns: x.rows)
        values = Tensor(uninitialized: [panels.count, x.columns, Panels.width])
        for panel in 0..<panels.count {
            let (rows, target) = (panels[panel], values.pointer + panel * x.columns * Panels.width)
            guard rows.count < Panels.width else {
                vq_transpose(x.rows(rows).pointer, x.stride, target, rows.count, x.columns)
                continue
            }
            target.update(repeating: 0, count: x.columns * Panels.width)
            for (column, row) in rows.enumerated() {
                for channel in 0..<x.columns {
                    target[channel * Panels.width + column] = x.pointer[row * x.stride + channel]
                }
            }
        }
    }

    /// Of rows that begin with a panel, and all of the last panel, [channels, rows].
    subscript(rows: Range<Int>) -> MatrixView {
        let (size, panels) = (values.shape[1] * Panels.width, Panels(columns: rows.count))
        return MatrixView(
            values.pointer + rows.lowerBound / Panels.width * size, rows: values.shape[1],
            columns: panels.count * Panels.width, stride: Panels.width, panelStride: size)
    }
}
