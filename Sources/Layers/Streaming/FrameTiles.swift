/// 0..<frames in tiles, the units of work of inference.
///
/// Their sizes depend on the number of frames alone, so that results do not depend on threads or memory. They
/// are multiples of twenty, whole tiles of the fast convolutions; long enough that packing the weights for each
/// tile's matrix product costs little; and where they are few, a multiple of four of them, so that two or
/// four threads have equal shares.
package struct FrameTiles: Sendable {
    package let frames: Int
    package let count: Int
    private let size: Int

    /// - Parameter sizes: multiples of twenty.
    package init(frames: Int, sizes: ClosedRange<Int> = 100...Self.largest) {
        self.frames = frames
        let wanted = ((frames + sizes.upperBound - 1) / sizes.upperBound + 3) / 4 * 4
        let even = (frames + wanted - 1) / max(1, wanted)
        size = min(sizes.upperBound, max(sizes.lowerBound, (even + 19) / 20 * 20))
        count = (frames + size - 1) / size
    }

    package subscript(tile: Int) -> Range<Int> {
        tile * size..<min(frames, (tile + 1) * size)
    }

    package static let largest = 1500
}
