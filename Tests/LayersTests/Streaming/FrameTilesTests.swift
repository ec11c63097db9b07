import Layers
import Testing

@Suite struct FrameTilesTests {
    static let lengths = [1, 2, 11, 99, 100, 101, 998, 1498, 1499, 1500, 1501, 5998, 47_998, 11_519_998]

    /// Every frame is in one tile, in order; tiles are never longer than 1500 frames, and but for the last one
    /// multiples of twenty.
    @Test(arguments: lengths)
    func coverAllFrames(_ frames: Int) {
        let tiles = FrameTiles(frames: frames)
        var end = 0
        for tile in 0..<tiles.count {
            #expect(tiles[tile].lowerBound == end && !tiles[tile].isEmpty)
            #expect(tiles[tile].count <= 1500)
            if tile < tiles.count - 1 { #expect(tiles[tile].count % 20 == 0 && tiles[tile].count >= 100) }
            end = tiles[tile].upperBound
        }
        #expect(end == frames)
    }

    /// Ten and fifteen seconds: the shares of two threads differ by little.
    @Test(arguments: [998, 1498]) func fewTilesAreEqual(_ frames: Int) {
        let tiles = FrameTiles(frames: frames)
        #expect(tiles.count == 4)
        #expect(tiles[3].count > tiles[0].count * 8 / 10)
    }
}
