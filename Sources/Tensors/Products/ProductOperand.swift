import CKernels

/// A matrix as a product reads it.
package enum ProductOperand: Sendable {
    case float32(MatrixView)
    case bf16(RoundedMatrix)

    package func rows(_ range: Range<Int>) -> ProductOperand {
        switch self {
        case .float32(let matrix): .float32(matrix.rows(range))
        case .bf16(let matrix): .bf16(matrix.rows(range))
        }
    }

    package func columns(_ range: Range<Int>) -> ProductOperand {
        switch self {
        case .float32(let matrix): .float32(matrix.columns(range))
        case .bf16(let matrix): .bf16(matrix.columns(range))
        }
    }
}

/// C = A·B, or C + A·B, on the calling thread, A transposed on request, with operands read where they lie.
/// - Precondition: both operands are of one precision.
package func multiplyUnpacked(
    _ a: ProductOperand, _ b: ProductOperand, transposeA: Bool = false, into c: MatrixView,
    adding: Bool = false
) {
    switch (a, b) {
    case (.float32(let a), .float32(let b)):
        multiplyUnpacked(a, b, transposeA: transposeA, into: c, adding: adding)
    case (.bf16(let a), .bf16(let b)):
        multiplyUnpacked(a, b, transposeA: transposeA, into: c, adding: adding)
    default: preconditionFailure("operands of a product are of one precision")
    }
}

/// The same of bfloat16, with sums in float32: A of paired columns, or, where it is transposed, rows; B of paired rows.
package func multiplyUnpacked(
    _ a: RoundedMatrix, _ b: RoundedMatrix, transposeA: Bool = false, into c: MatrixView, adding: Bool = false
) {
    let depth = transposeA ? a.rows : a.columns
    precondition(
        c.rows == (transposeA ? a.columns : a.rows) && depth == b.rows && c.columns == b.columns,
        "matrices do not fit: \(a.size), \(b.size), \(c.size)")
    precondition(
        a.kind == (transposeA ? .rows : .columns) && b.kind == .rows, "pairs are not those of a sum")
    vq_bfloat16_product(
        BFloat16.chosen, a.operand, transposeA ? 1 : 0, b.operand, c.operand, c.rows, (depth + 1) / 2,
        c.columns, adding ? 1 : 0)
}

/// The right operands of some products.
package enum RightOperands: Sendable {
    case float32(SpacedMatrices)
    case bf16(RoundedMatrices)

    /// The same memory from one of them on.
    package func suffix(from index: Int) -> RightOperands {
        switch self {
        case .float32(let matrices): .float32(matrices.suffix(from: index))
        case .bf16(let matrices): .bf16(matrices.suffix(from: index))
        }
    }

    package subscript(index: Int) -> ProductOperand {
        switch self {
        case .float32(let matrices): .float32(matrices[index])
        case .bf16(let matrices): .bf16(matrices[index])
        }
    }
}

/// The weight of a linear map as a right operand, in panels of columns.
package struct LinearWeight: Sendable {
    package let columns: Panels
    private let storage: Storage

    private enum Storage {
        case float32(WeightPanels)
        case bf16(RoundedMatrices)
    }

    /// Copies it, on all threads.
    /// - Parameter weight: [Cout, Cin].
    package init(_ weight: MatrixView, columns kind: WeightPanels.Columns, precision: Precision) {
        columns = Panels(columns: kind == .outputs ? weight.rows : weight.columns)
        guard precision == .bf16 else {
            storage = .float32(WeightPanels(weight, columns: kind))
            return
        }
        let depth = kind == .outputs ? weight.columns : weight.rows
        let copy = RoundedMatrices(rows: depth, columns: columns.columns, pairing: .rows)
        storage = .bf16(copy)
        let (target, columns) = (copy[0], columns)
        Parallel.forEach(columns.count) { panel in
            let range = columns[panel]
            switch kind {
            case .outputs: target.columns(range).roundTransposed(weight.rows(range))
            case .inputs: target.columns(range).round(weight.columns(range))
            }
        }
    }

    /// [depth, width].
    package subscript(panel: Int) -> ProductOperand {
        switch storage {
        case .float32(let panels): .float32(panels[panel, tap: 0])
        case .bf16(let copy): .bf16(copy[0].columns(columns[panel]))
        }
    }
}
