import CKernels

/// What a group norm knows of a group of channels: the sum of its values and of their squares, over all
/// frames.
///
/// Sums in double precision: over minutes of audio a float32 sum would lose the last digits that ids hang
/// on.
package struct GroupMoments: Sendable {
    package var sum = 0.0
    package var squares = 0.0

    package init() {}

    /// Adds the values of some frames.
    /// - Parameters:
    ///   - x: where the group begins in the first of them.
    ///   - stride: floats from one frame to the next.
    ///   - channels: of the group.
    package mutating func add(_ x: UnsafePointer<Float>, frames: Int, stride: Int, channels: Int) {
        vq_moments(x, frames, stride, channels, &sum, &squares)
    }

    package static func += (total: inout Self, part: Self) {
        total.sum += part.sum
        total.squares += part.squares
    }
}

extension [GroupMoments] {
    /// Group by group.
    package mutating func add(_ other: [GroupMoments]) {
        for group in indices { self[group] += other[group] }
    }

    /// Of groups of channels that lie side by side, C channels in all.
    /// - Parameter x: [frames, C].
    package mutating func add(_ x: UnsafePointer<Float>, frames: Int, channels: Int) {
        guard !isEmpty else { return }
        let width = channels / count
        for group in indices {
            self[group].add(x + group * width, frames: frames, stride: channels, channels: width)
        }
    }
}
