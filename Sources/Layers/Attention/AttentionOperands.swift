import Tensors

/// Rows of a head as a left operand, [rows, d]: read where they lie, or, rounded, a copy.
struct ProductRows: Sendable {
    private let rows: MatrixView
    private let copy: ProductFrames?

    init(_ rows: MatrixView, precision: Precision) {
        self.rows = rows
        copy =
            precision == .bf16 ? ProductFrames(copying: rows, precision: precision, for: .channelSums) : nil
    }

    subscript(range: Range<Int>) -> ProductOperand {
        copy?.byChannel().rows(range) ?? .float32(rows.rows(range))
    }
}

/// Rows of a head, transposed, as a right operand: [d, rows].
enum HeadColumns: Sendable {
    case float32(TransposedRows)
    /// In whole panels.
    case bf16(RoundedMatrices)

    init(_ rows: MatrixView, precision: Precision) {
        guard precision == .bf16 else {
            self = .float32(TransposedRows(rows))
            return
        }
        let columns = Panels(columns: rows.rows).count * Panels.width
        let copy = RoundedMatrices(rows: rows.columns, columns: columns, pairing: .rows)
        copy.smaller(rows: rows.columns, columns: rows.rows).roundTransposed(rows)
        self = .bf16(copy)
    }

    /// Of rows that begin with a panel, [d, TransposedRows.width(rows.count)].
    subscript(rows: Range<Int>) -> ProductOperand {
        switch self {
        case .float32(let columns): .float32(columns[rows])
        case .bf16(let copy):
            .bf16(
                copy[0].columns(
                    rows.lowerBound..<rows.lowerBound + TransposedRows.width(rows.count)))
        }
    }
}

/// A tile of scores as left operands: itself, or, rounded, a copy in memory that one tile after the other uses.
struct ScoreFactors: Sendable {
    private let channelSums: RoundedMatrices?
    private let frameSums: RoundedMatrices?

    init(_ rows: Int, _ columns: Int, _ precision: Precision, for uses: ProductFrames.Uses) {
        func memory(_ use: ProductFrames.Uses, _ kind: RoundedMatrix.Kind) -> RoundedMatrices? {
            precision == .bf16 && uses.contains(use)
                ? RoundedMatrices(rows: rows, columns: columns, pairing: kind) : nil
        }
        (channelSums, frameSums) = (memory(.channelSums, .columns), memory(.frameSums, .rows))
    }

    /// For a sum over columns.
    func byChannel(_ scores: MatrixView) -> ProductOperand { operand(scores, channelSums) }

    /// For a sum over rows.
    func byFrame(_ scores: MatrixView) -> ProductOperand { operand(scores, frameSums) }

    private func operand(_ scores: MatrixView, _ memory: RoundedMatrices?) -> ProductOperand {
        guard let copy = memory?.smaller(rows: scores.rows, columns: scores.columns) else {
            return .float32(scores)
        }
        copy.round(scores)
        return .bf16(copy)
    }
}
