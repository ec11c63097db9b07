import Tensors
import Testing

@Suite struct FrameTilesTests {
    static let lengths = [1, 2, 11, 95, 96, 97, 383, 384, 385, 998, 1498, 5998, 47_998, 11_519_998]

    /// Every frame is in one tile, in order; tiles are never longer than 384 frames, and but for the last one
    /// multiples of twelve.
    @Test(arguments: lengths)
    func coverAllFrames(_ frames: Int) {
        let tiles = FrameTiles(frames: frames)
        var end = 0
        for tile in 0..<tiles.count {
            #expect(tiles[tile].lowerBound == end && !tiles[tile].isEmpty)
            #expect(tiles[tile].count <= 1536)
            if tile < tiles.count - 1 { #expect(tiles[tile].count % 12 == 0 && tiles[tile].count >= 96) }
            end = tiles[tile].upperBound
        }
        #expect(end == frames)
    }

    /// Ten and fifteen seconds: the shares of two threads differ by little.
    @Test(arguments: [998, 1498]) func fewTilesAreEqual(_ frames: Int) {
        let tiles = FrameTiles(frames: frames)
        #expect(tiles.count == 4)
        #expect(tiles[3].count > tiles[0].count * 9 / 10)
    }
}
