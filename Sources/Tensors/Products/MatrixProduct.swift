import CKernels
import COpenBLAS

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
    fileprivate var size: String { "[\(rows), \(columns)]" }

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

/// C = A·B + β·C on the calling thread, A or B transposed on request (OpenBLAS sgemm).
package func multiply(
    _ a: MatrixView, _ b: MatrixView, transposeA: Bool = false, transposeB: Bool = false, into c: MatrixView,
    beta: Float = 0
) {
    _ = singleThreadedBLAS
    let depth = transposeA ? a.rows : a.columns
    precondition(
        c.rows == (transposeA ? a.columns : a.rows) && c.columns == (transposeB ? b.rows : b.columns)
            && depth == (transposeB ? b.columns : b.rows),
        "matrices do not fit: \(a.size), \(b.size), \(c.size)")
    precondition([a, b, c].allSatisfy(\.hasContiguousRows), "BLAS needs contiguous rows")
    guard c.rows > 0, c.columns > 0 else { return }
    cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
        blasint(c.rows), blasint(c.columns), blasint(depth), 1, a.pointer, blasint(a.stride), b.pointer,
        blasint(b.stride), beta, c.pointer, blasint(c.stride))
}

/// C = A·B, or C + A·B, on the calling thread, A transposed on request, with operands read where they lie:
/// faster than `multiply` where B is a panel of few columns, or A has few rows, so that BLAS would spend its
/// time on packing.
package func multiplyUnpacked(
    _ a: MatrixView, _ b: MatrixView, transposeA: Bool = false, into c: MatrixView, adding: Bool = false
) {
    let depth = transposeA ? a.rows : a.columns
    precondition(
        c.rows == (transposeA ? a.columns : a.rows) && depth == b.rows && c.columns == b.columns,
        "matrices do not fit: \(a.size), \(b.size), \(c.size)")
    vq_product(
        widestInstructions, a.operand, transposeA ? 1 : 0, b.operand, c.operand, c.rows, depth, c.columns,
        adding ? 1 : 0)
}

private let widestInstructions = vq_widest_instructions()

extension MatrixView {
    fileprivate var operand: vq_matrix { vq_matrix(base: pointer, row: stride, panel: panelStride) }
}

/// A matrix cut into blocks that are computed in parallel. Products with many rows to sum over (weight
/// gradients) are divided by their output and never by the sum, so their rounding is always the same.
package struct OutputBlocks: Sendable {
    private let rows: Tiling
    private let columns: [Range<Int>]

    /// - Parameter columns: ranges that blocks must not cross.
    package init(rows: Int, columns: [Range<Int>]) {
        self.rows = Tiling(rows: rows, target: 256)
        self.columns = columns.flatMap { range in
            let tiles = Tiling(rows: range.count, target: 512)
            return (0..<tiles.count).map { tile in
                range.lowerBound + tiles[tile].lowerBound..<range.lowerBound + tiles[tile].upperBound
            }
        }
    }

    package var count: Int { rows.count * columns.count }

    package subscript(block: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        (rows[block / columns.count], columns[block % columns.count])
    }
}

/// Our tiles are the parallelism; see `Parallel`.
private let singleThreadedBLAS: Void = openblas_set_num_threads(1)
