/// Sizes of a residual sum: of a block's output, [batch, frames, channels], and of what is added to it,
/// [batch, residualFrames, channels].
package struct ResidualCase: Sendable {
    package let batch, frames, residualFrames, channels: Int

    package init(batch: Int, frames: Int, residualFrames: Int, channels: Int) {
        (self.batch, self.frames) = (batch, frames)
        (self.residualFrames, self.channels) = (residualFrames, channels)
    }

    package static let all: [ResidualCase] = [
        ResidualCase(batch: 1, frames: 1, residualFrames: 1, channels: 1),
        ResidualCase(batch: 2, frames: 5, residualFrames: 5, channels: 13),
        // Longer, but not twice as long: the first frames are taken.
        ResidualCase(batch: 2, frames: 5, residualFrames: 9, channels: 7),
        ResidualCase(batch: 2, frames: 4, residualFrames: 8, channels: 16),
        // The convolution lost frames at its end: 13 / 4 = 3 frames apart.
        ResidualCase(batch: 3, frames: 4, residualFrames: 13, channels: 33),
        ResidualCase(batch: 1, frames: 300, residualFrames: 300, channels: 512),
    ]
}
