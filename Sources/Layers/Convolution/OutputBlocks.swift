import Tensors

/// A matrix cut into blocks that are computed in parallel. Products with many rows to sum over (weight
/// gradients) are divided by their output and never by the sum, so their rounding is always the same.
struct OutputBlocks: Sendable {
    private let rows: Tiling
    private let columns: [Range<Int>]

    /// - Parameter columns: ranges that blocks must not cross.
    init(rows: Int, columns: [Range<Int>]) {
        self.rows = Tiling(rows: rows, target: 256)
        self.columns = columns.flatMap { range in
            let tiles = Tiling(rows: range.count, target: 512)
            return (0..<tiles.count).map { tile in
                range.lowerBound + tiles[tile].lowerBound..<range.lowerBound + tiles[tile].upperBound
            }
        }
    }

    var count: Int { rows.count * columns.count }

    subscript(block: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        (rows[block / columns.count], columns[block % columns.count])
    }
}
