import CKernels

/// A matrix of bfloat16 inside some buffer, in panels of columns, as products read it: two values that are added up one
/// after the other are a pair of 32 bits.
///
/// `@unchecked`: it only says where a matrix lies. Loops on several threads write different parts.
package struct RoundedMatrix: @unchecked Sendable {
    /// What is a pair.
    package enum Kind: Sendable {
        /// Two columns of a row: the left operand of a product.
        case columns
        /// Two rows of a column: the right operand, or the left one transposed.
        case rows
    }

    package let kind: Kind
    package let rows: Int
    package let columns: Int
    fileprivate let pointer: UnsafeMutablePointer<UInt32>
    /// From a row, or pair of rows, to the next, in pairs.
    fileprivate let stride: Int
    fileprivate let panelStride: Int

    fileprivate init(
        _ pointer: UnsafeMutablePointer<UInt32>, _ kind: Kind, rows: Int, columns: Int, stride: Int,
        panelStride: Int
    ) {
        (self.kind, self.pointer, self.rows, self.columns) = (kind, pointer, rows, columns)
        (self.stride, self.panelStride) = (stride, panelStride)
    }

    /// For messages.
    var size: String { "[\(rows), \(columns)]" }

    /// - Precondition: pairs of rows are not torn.
    package func rows(_ range: Range<Int>) -> RoundedMatrix {
        precondition(
            kind == .columns
                || range.lowerBound.isMultiple(of: 2)
                    && (range.upperBound.isMultiple(of: 2) || range.upperBound == rows),
            "rows \(range) tear pairs")
        let first = kind == .columns ? range.lowerBound : range.lowerBound / 2
        return RoundedMatrix(
            pointer + first * stride, kind, rows: range.count, columns: columns, stride: stride,
            panelStride: panelStride)
    }

    /// - Precondition: they begin with a panel.
    package func columns(_ range: Range<Int>) -> RoundedMatrix {
        precondition(
            range.lowerBound.isMultiple(of: Panels.width),
            "column \(range.lowerBound) is not the first of its panel")
        return RoundedMatrix(
            pointer + range.lowerBound / Panels.width * panelStride, kind, rows: rows, columns: range.count,
            stride: stride, panelStride: panelStride)
    }

    /// Takes over a matrix of the same size, rounded to nearest, on the calling thread.
    package func round(_ x: MatrixView) {
        precondition(x.rows == rows && x.columns == columns, "\(x.size) is rounded to \(size)")
        guard kind == .rows else {
            vq_round_to_rows(BFloat16.chosen, x.operand, operand, rows, columns)
            return
        }
        let (pairs, second) = (rows / 2, x.pointer + x.stride)
        let even = vq_matrix(base: x.pointer, row: 2 * x.stride, panel: x.panelStride)
        let odd = vq_matrix(base: second, row: 2 * x.stride, panel: x.panelStride)
        vq_round_to_pairs(BFloat16.chosen, even, odd, operand, pairs, columns)
        if !rows.isMultiple(of: 2) { self.rows(rows - 1..<rows).round(x.rows(rows - 1..<rows), nil) }
    }

    /// Pairs the rows of two matrices, on the calling thread.
    /// - Parameter second: nil for zeros.
    /// - Precondition: pairs of rows, as many as the matrices have rows.
    func round(_ first: MatrixView, _ second: MatrixView?) {
        precondition(
            kind == .rows && first.rows == (rows + 1) / 2 && first.columns == columns,
            "\(first.size) is half of \(size)")
        vq_round_to_pairs(
            BFloat16.chosen, first.operand, second?.operand ?? vq_matrix(), operand, first.rows, columns)
    }

    /// Takes over the transpose of a matrix, on the calling thread.
    /// - Precondition: pairs of rows.
    package func roundTransposed(_ x: MatrixView) {
        precondition(
            kind == .rows && x.rows == columns && x.columns == rows, "\(x.size) is transposed to \(size)")
        vq_round_transposed(BFloat16.chosen, x.operand, operand, x.rows, x.columns)
    }

    var operand: vq_pairs { vq_pairs(base: pointer, row: stride, panel: panelStride) }
}

/// Some matrices of bfloat16, with a gap behind each panel: what lies powers of two apart would share a few sets of the
/// cache.
package struct RoundedMatrices: Sendable {
    private let kind: RoundedMatrix.Kind
    private let rows: Int
    private let columns: Int
    /// A pair has the place of a float32.
    private let values: Tensor
    /// Of `values`, where this begins.
    private let first: Int

    /// Values are not set.
    package init(count: Int = 1, rows: Int, columns: Int, pairing kind: RoundedMatrix.Kind) {
        (self.kind, self.rows, self.columns, first) = (kind, rows, columns, 0)
        let panels = Panels(columns: columns).count
        values = Tensor(
            uninitialized: [count, panels * Self.panelStride(rows, kind) + Self.gap])
    }

    private init(_ matrices: RoundedMatrices, from first: Int) {
        (kind, rows, columns, values) = (matrices.kind, matrices.rows, matrices.columns, matrices.values)
        self.first = matrices.first + first
    }

    /// The same memory from one of them on.
    package func suffix(from index: Int) -> RoundedMatrices { RoundedMatrices(self, from: index) }

    package subscript(index: Int) -> RoundedMatrix {
        RoundedMatrix(
            base + index * values.shape[1], kind, rows: rows, columns: columns, stride: rowStride,
            panelStride: Self.panelStride(rows, kind))
    }

    /// Sets each to a sum of matrices [rows, columns], rounded, on the calling thread: Σ_j transform[r, j] · terms[j].
    /// - Parameters:
    ///   - transform: [count, terms].
    ///   - terms: of each a row, [terms, rows · columns].
    /// - Precondition: pairs of rows, and columns that are one whole panel.
    package func setTransform(_ transform: MatrixView, of terms: MatrixView) {
        precondition(
            kind == .rows && columns == Panels.width && transform.rows == values.shape[0] - first
                && transform.columns == terms.rows && terms.columns == rows * columns,
            "\(transform.size) of \(terms.size) is not some of [\(rows), \(columns)]")
        vq_transform_to_pairs(
            BFloat16.chosen, transform.operand, terms.operand,
            vq_pairs(base: base, row: values.shape[1], panel: rowStride), transform.rows, terms.rows, rows)
    }

    /// The memory of one of them for a matrix of no more rows and columns.
    package func smaller(_ index: Int = 0, rows: Int, columns: Int) -> RoundedMatrix {
        precondition(rows <= self.rows && columns <= self.columns, "[\(rows), \(columns)] is larger")
        let whole = self[index]
        return RoundedMatrix(
            whole.pointer, kind, rows: rows, columns: columns, stride: rowStride,
            panelStride: whole.panelStride)
    }

    /// Row `index` of each, or the pair of rows that begins with it, [count or 2 · count, columns].
    func acrossRow(_ index: Int) -> RoundedMatrix {
        let count = values.shape[0] - first
        return RoundedMatrix(
            base + (kind == .rows ? index / 2 : index) * rowStride, kind,
            rows: kind == .rows ? 2 * count : count,
            columns: columns, stride: values.shape[1], panelStride: Self.panelStride(rows, kind))
    }

    private var rowStride: Int { kind == .rows ? Panels.width : Panels.width / 2 }

    private var base: UnsafeMutablePointer<UInt32> {
        UnsafeMutableRawPointer(values.pointer + first * values.shape[1]).assumingMemoryBound(to: UInt32.self)
    }

    private static let gap = 16

    private static func panelStride(_ rows: Int, _ kind: RoundedMatrix.Kind) -> Int {
        gap + (kind == .rows ? (rows + 1) / 2 * Panels.width : rows * Panels.width / 2)
    }
}
