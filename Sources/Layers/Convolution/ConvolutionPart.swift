import Tensors

/// A part of a strided convolution, by a bilinear algorithm of its own: some frames of each `stride` frames, and the taps
/// that they meet.
package struct ConvolutionPart: Sendable {
    /// Of each `stride` frames.
    let frames: Range<Int>
    let algorithm: BilinearAlgorithm

    package init(frames: Range<Int>, algorithm: BilinearAlgorithm) {
        (self.frames, self.algorithm) = (frames, algorithm)
    }

    func convolution(_ whole: ConvolutionGeometry) -> BilinearConvolution {
        BilinearConvolution(
            geometry: ConvolutionGeometry(of: whole, frames: frames, taps: algorithm.taps),
            algorithm: algorithm)
    }

    /// [Cout, taps, channels of a row].
    /// - Parameter whole: [Cout, k, Cin].
    func weight(of whole: Tensor, stride: Int) -> Tensor {
        guard frames.count < stride else { return whole }
        let part = Tensor(uninitialized: [whole.shape[0], algorithm.taps, frames.count * whole.shape[2]])
        forEachTap(of: whole, stride: stride) { target, place, count in
            (part.pointer + target).update(from: whole.pointer + place, count: count)
        }
        return part
    }

    /// Writes ∂L/∂weight of the part into that of the whole.
    func setGradient(_ part: Tensor, in whole: Tensor, stride: Int) {
        forEachTap(of: whole, stride: stride) { source, place, count in
            (whole.pointer + place).update(from: part.pointer + source, count: count)
        }
    }

    /// Calls `body` with the places of each tap of each output, in the part and in the whole, and how long it is.
    private func forEachTap(
        of whole: Tensor, stride: Int, _ body: (_ part: Int, _ whole: Int, _ count: Int) -> Void
    ) {
        let (outputs, kernel, inputs) = (whole.shape[0], whole.shape[1], whole.shape[2])
        let count = frames.count * inputs
        for output in 0..<outputs {
            for tap in 0..<algorithm.taps {
                body(
                    (output * algorithm.taps + tap) * count,
                    (output * kernel + tap * stride + frames.lowerBound) * inputs, count)
            }
        }
    }
}
