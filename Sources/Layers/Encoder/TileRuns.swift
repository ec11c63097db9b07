/// A range of tiles cut into runs of one item's tiles, at most eight: each has sums of its own, so there have to be
/// few of them, however many items there are.
package struct TileRuns: Sendable {
    private let runs: [Range<Int>]
    private let perItem: Int

    /// - Parameter perItem: tiles of an item, the first of which is tile 0.
    package init(_ tiles: Range<Int>, perItem: Int) {
        self.perItem = perItem
        var runs: [Range<Int>] = []
        var start = tiles.lowerBound
        while start < tiles.upperBound {
            let ends = [
                tiles.upperBound, (start / perItem + 1) * perItem,
                tiles.lowerBound + ((start - tiles.lowerBound) / Self.longest + 1) * Self.longest,
            ]
            let end = ends.reduce(tiles.upperBound, min)
            runs.append(start..<end)
            start = end
        }
        self.runs = runs
    }

    package var count: Int { runs.count }

    package subscript(run: Int) -> Range<Int> { runs[run] }

    package func item(_ run: Int) -> Int { runs[run].lowerBound / perItem }

    private static let longest = 8
}
