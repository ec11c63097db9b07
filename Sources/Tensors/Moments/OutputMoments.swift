/// The moments of each item of a convolution's output, for the group norm that follows: added up tile by tile,
/// while a tile is in the cache, and then in the order of tiles, so that they do not depend on threads.
package final class OutputMoments: @unchecked Sendable {
    private let tiles: Int
    /// Of each tile of each item; threads write different ones, so this may be shared among them.
    private let partial: UnsafeMutableBufferPointer<GroupMoments>

    /// - Parameter tiles: of an item. Each is to be added once.
    package init(batch: Int, tiles: Int) {
        self.tiles = tiles
        partial = .allocate(capacity: batch * tiles)
        partial.initialize(repeating: GroupMoments())
    }

    deinit { partial.deallocate() }

    /// - Parameter output: a tile's frames, [frames, C].
    package func add(_ output: MatrixView, item: Int, tile: Int) {
        partial[item * tiles + tile].add(
            output.pointer, frames: output.rows, stride: output.stride, channels: output.columns)
    }

    /// Of each item.
    package var totals: [GroupMoments] {
        (0..<partial.count / tiles).map { item in
            partial[item * tiles..<(item + 1) * tiles].reduce(into: GroupMoments()) { $0 += $1 }
        }
    }
}
