import Tensors

/// The moments of each item of a convolution's output, for the group norm that follows: added up tile by tile,
/// while a tile is in the cache, and then in the order of tiles, so that they do not depend on threads.
package final class OutputMoments: Sendable {
    private let batch: Int
    private let tiles: Int
    /// Of each tile of each item; threads write different ones.
    private let partial: SharedPointer<GroupMoments>

    /// - Parameter tiles: of an item. Each is to be added once.
    package init(batch: Int, tiles: Int) {
        (self.batch, self.tiles) = (batch, tiles)
        partial = SharedPointer(.allocate(capacity: batch * tiles))
        partial.pointer.initialize(repeating: GroupMoments(), count: batch * tiles)
    }

    deinit { partial.pointer.deallocate() }

    /// - Parameter output: a tile's frames, [frames, C].
    package func add(_ output: MatrixView, item: Int, tile: Int) {
        partial[item * tiles + tile].add(
            output.pointer, frames: output.rows, stride: output.stride, channels: output.columns)
    }

    /// Of each item.
    package var totals: [GroupMoments] {
        (0..<batch).map { item in
            (0..<tiles).reduce(into: GroupMoments()) { $0 += partial[item * tiles + $1] }
        }
    }
}
