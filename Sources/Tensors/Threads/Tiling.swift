/// Values per tile of elementwise loops: large enough to pay for a thread, small enough to divide.
package let elementTile = 1 << 15

/// 0..<rows in equal tiles of about `target` rows.
package struct Tiling: Sendable {
    package let rows: Int
    package let count: Int
    package let size: Int

    package init(rows: Int, target: Int) {
        self.rows = rows
        let wanted = max(1, (rows + target / 2) / target)
        size = max(1, (rows + wanted - 1) / wanted)
        count = (rows + size - 1) / size
    }

    /// Tiles of exactly `size` rows, but for the last.
    package init(rows: Int, size: Int) {
        (self.rows, self.size) = (rows, size)
        count = (rows + size - 1) / size
    }

    /// Rows of the largest tile.
    package var largest: Int { min(rows, size) }

    /// All of them.
    package var ranges: some Sequence<Range<Int>> { (0..<count).lazy.map { self[$0] } }

    package subscript(tile: Int) -> Range<Int> {
        tile * size..<min(rows, (tile + 1) * size)
    }
}
