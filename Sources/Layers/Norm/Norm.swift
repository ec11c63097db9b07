import Autodiff
import Tensors

/// What a block norms over.
public enum Norm: Hashable, Sendable {
    /// So many groups of channels, each over all frames of a recording.
    case group(Int)
    /// All channels, each frame for itself.
    case layer
    /// Nothing.
    case none

    /// Groups whose moments have to be known before any frame can be normalised.
    package var groups: Int { if case .group(let groups) = self { groups } else { 0 } }
}

/// The sizes of a norm and the tiles of its work.
struct NormGeometry: Sendable {
    let batch: Int
    let frames: Int
    let channels: Int
    let groups: Int
    let activation: Activation?
    let tiles: Tiling

    var groupChannels: Int { channels / groups }
    var groupSize: Double { Double(frames * groupChannels) }

    init(shape: [Int], groups: Int, activation: Activation?) {
        precondition(
            shape.count == 3 && groups > 0 && shape[2] > 0 && shape[2] % groups == 0,
            "x \(shape) is not [B, T, C] with channels in \(groups) groups")
        (batch, frames, channels) = (shape[0], shape[1], shape[2])
        self.groups = groups
        self.activation = activation
        tiles = Tiling(rows: frames, target: max(16, elementTile / shape[2]))
    }

    /// What the norm does to the frames of each item.
    /// - Parameter moments: of every group of every item.
    func normalizations(
        _ moments: [GroupMoments], weight: Tensor?, bias: Tensor?, activation: Activation?
    ) -> [FrameNormalization] {
        (0..<batch).map { item in
            FrameNormalization(
                .group(groups), moments: Array(moments[item * groups..<(item + 1) * groups]), frames: frames,
                channels: channels, weight: weight, bias: bias, activation: activation)
        }
    }

    /// Sums of tiles, [B, tiles, …], added up for each item in the order of its tiles: [B, …].
    func totals(_ partial: Tensor) -> [Double] {
        let width = partial.count / max(1, batch * tiles.count)
        var total = [Double](repeating: 0, count: batch * width)
        for item in 0..<batch {
            for tile in 0..<tiles.count {
                let sums = partial.pointer + (item * tiles.count + tile) * width
                for index in 0..<width { total[item * width + index] += Double(sums[index]) }
            }
        }
        return total
    }

    /// Calls `body` for all tiles of all items with the tile's number and the offset of its first value.
    func forEachTile(
        _ body: @Sendable (_ item: Int, _ tile: Int, _ offset: Int, _ rows: Range<Int>) -> Void
    ) {
        Parallel.forEach(batch * tiles.count) { index in
            let (item, tile) = (index / tiles.count, index % tiles.count)
            let rows = tiles[tile]
            body(item, tile, (item * frames + rows.lowerBound) * channels, rows)
        }
    }
}
