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
