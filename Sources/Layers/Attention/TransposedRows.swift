import CKernels
import Tensors

/// The transpose of some rows as products read it, in whole panels, with zeros behind the last row: products of panels
/// that are not whole take longer.
struct TransposedRows: Sendable {
    /// [panels, channels, width of a panel].
    private let values: Tensor
    /// In place of these [channels, rows].
    private let rounded: RoundedMatrices?

    init(_ x: MatrixView, precision: Precision) {
        let panels = Panels(columns: x.rows)
        guard precision == .float32 else {
            let copy = RoundedMatrices(rows: x.columns, columns: panels.count * Panels.width, pairing: .rows)
            copy.smaller(rows: x.columns, columns: x.rows).roundTransposed(x)
            (values, rounded) = (Tensor(uninitialized: [0]), copy)
            return
        }
        rounded = nil
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
    subscript(rows: Range<Int>) -> ProductOperand {
        let columns = Panels(columns: rows.count).count * Panels.width
        if let rounded { return .bf16(rounded[0].columns(rows.lowerBound..<rows.lowerBound + columns)) }
        let size = values.shape[1] * Panels.width
        return .float32(
            MatrixView(
                values.pointer + rows.lowerBound / Panels.width * size, rows: values.shape[1],
                columns: columns, stride: Panels.width, panelStride: size))
    }
}
