import Tensors

/// What is added to the output of a block: (y[b, t] + frames[b, t · step]) · scale, step = ⌊Tr / T⌋ (fairseq's
/// encoder subsamples the input of a strided block like this).
public struct Residual: Sendable {
    /// [B, Tr, C], Tr at least the block's T.
    public let frames: Variable
    public let scale: Float

    public init(_ frames: Variable, scale: Float) {
        (self.frames, self.scale) = (frames, scale)
    }
}

/// A residual, or its gradient, as the frames of an output see it.
package struct ResidualFrames: Sendable {
    /// [B, Tr, C].
    package let values: Tensor
    package let scale: Float
    /// T, of the output.
    private let frames: Int
    private let step: Int

    /// - Parameter shape: of the output, [B, T, C].
    package init(_ residual: Residual, of shape: [Int]) {
        (values, scale) = (residual.frames.value, residual.scale)
        frames = shape[1]
        precondition(
            shape.count == 3 && values.shape.count == 3 && values.shape[0] == shape[0]
                && values.shape[2] == shape[2] && shape[1] > 0 && values.shape[1] >= shape[1],
            "\(values.shape) cannot be added to \(shape)")
        step = values.shape[1] / frames
    }

    private init(gradientOf residual: ResidualFrames) {
        (scale, frames, step) = (residual.scale, residual.frames, residual.step)
        let shape = residual.values.shape
        values = shape[1] == frames ? Tensor(uninitialized: shape) : zeroTensor(shape)
    }

    /// Frames of ∂L/∂residual: not set where they are used, zero elsewhere.
    package func gradient() -> ResidualFrames { ResidualFrames(gradientOf: self) }

    /// From what belongs to a frame of the output to what belongs to the next one, in floats.
    package var stride: Int { step * values.shape[2] }

    /// What belongs to a frame of the output.
    package func pointer(item: Int, frame: Int) -> UnsafeMutablePointer<Float> {
        values.pointer + item * values.shape[1] * values.shape[2] + frame * stride
    }

    /// - Parameter body: gets the offset of a frame in the output, what belongs to it, and C.
    package func forEachFrame(
        _ body: @Sendable (_ offset: Int, _ frame: UnsafeMutablePointer<Float>, _ channels: Int) -> Void
    ) {
        let (rows, channels) = (values.shape[0] * frames, values.shape[2])
        Parallel.forEachTile(rows: rows, target: max(16, elementTile / channels)) { _, rows in
            for row in rows {
                body(row * channels, pointer(item: row / frames, frame: row % frames), channels)
            }
        }
    }
}
