import Layers
import Testing

/// The gradient of the first block keeps sums for each run of tiles: their number must not grow with the number of
/// items times the number of tiles.
@Suite struct TileRunsTests {
    /// 300,000 samples as crops of 750: the tiles of a block of work, and how many each crop has.
    @Test(arguments: [(0..<655, 9), (655..<1310, 9), (0..<655, 1), (3..<4, 9), (0..<8, 8), (5..<5, 3)])
    func thereAreFewRunsHoweverManyItems(_ tiles: Range<Int>, perItem: Int) {
        let runs = TileRuns(tiles, perItem: perItem)
        let items = Set(tiles.map { $0 / perItem })
        #expect(runs.count <= (tiles.count + 7) / 8 + items.count)

        let all = (0..<runs.count).map { runs[$0] }
        #expect(all.flatMap { Array($0) } == Array(tiles))
        #expect(all.allSatisfy { (1...8).contains($0.count) })
        for (number, run) in all.enumerated() {
            #expect(run.allSatisfy { $0 / perItem == runs.item(number) })
        }
    }
}
