import CKernels

/// A matrix inside some buffer. Rows may overlap: `stride` can be smaller than `columns`, which is how a
/// convolution's unfolded input is seen without a copy.
///
/// `@unchecked`: it only says where a matrix lies. Loops on several threads write different parts.
package struct MatrixView: @unchecked Sendable {
    package let pointer: UnsafeMutablePointer<Float>
    package let rows: Int
    package let columns: Int
    /// From one row to the next, in floats.
    package let stride: Int
    /// From one panel of columns to the next; `Panels.width` where rows are contiguous.
    package let panelStride: Int

    package init(
        _ pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil,
        panelStride: Int = Panels.width
    ) {
        (self.pointer, self.rows, self.columns) = (pointer, rows, columns)
        self.stride = stride ?? columns
        self.panelStride = panelStride
    }

    package var hasContiguousRows: Bool { panelStride == Panels.width || columns <= Panels.width }

    /// For messages.
    var size: String { "[\(rows), \(columns)]" }

    package func rows(_ range: Range<Int>) -> MatrixView {
        .init(
            pointer + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride,
            panelStride: panelStride)
    }

    /// - Precondition: where rows are not contiguous, they begin with a panel.
    package func columns(_ range: Range<Int>) -> MatrixView {
        let (panel, column) = range.lowerBound.quotientAndRemainder(dividingBy: Panels.width)
        precondition(hasContiguousRows || column == 0, "column \(column) is not the first of its panel")
        return .init(
            pointer + panel * panelStride + column, rows: rows, columns: range.count, stride: stride,
            panelStride: panelStride)
    }
}

/// The columns of a matrix in groups of as many as a product keeps in registers.
package struct Panels: Sendable {
    package let columns: Int

    package init(columns: Int) { self.columns = columns }

    package var count: Int { (columns + Self.width - 1) / Self.width }

    package subscript(panel: Int) -> Range<Int> {
        panel * Self.width..<min(columns, (panel + 1) * Self.width)
    }

    package static let width = Int(VQ_PANEL)
}
