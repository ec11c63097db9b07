import CKernels

/// The first convolution of an encoder, from one channel to many. Its output is the largest of all layers
/// and cheap to compute, so it is never stored: its moments follow from the waveform, and pieces of it are
/// computed, normalised and activated where they are read. Weights must not change afterwards.
package struct WaveformConvolution {
    package let kernel: Int
    package let stride: Int
    package let channels: Int
    /// [k, C].
    private let weight: Tensor

    /// - Parameter weight: [C, k, 1].
    package init(weight: Tensor, stride: Int) {
        precondition(weight.shape.count == 3 && weight.shape[2] == 1)
        (channels, kernel) = (weight.shape[0], weight.shape[1])
        self.stride = stride
        self.weight = weight.reshaped([channels, kernel]).transposed([1, 0])
    }

    /// norm(x ∗ weight), activated: one pass over the output, on the calling thread.
    /// - Parameters:
    ///   - waveform: all samples, [N, 1].
    ///   - rows: the frames to be computed.
    /// - Returns: [rows, C].
    /// - Throws: `SpillError`.
    package func callAsFunction(
        _ waveform: FrameStore, _ rows: Range<Int>, _ norm: FrameNormalization
    ) throws -> Tensor {
        let y = Tensor(uninitialized: [rows.count, channels])
        try waveform.read(samples(rows)) { samples in
            vq_waveform_block(
                samples, rows.count, stride, kernel, weight.pointer, y.pointer, channels, norm.scale.pointer,
                norm.shift.pointer, norm.activationCode)
        }
        return y
    }

    /// The frames of a waveform of at least the kernel's length.
    package func frames(_ waveform: FrameStore) -> Int { (waveform.frames - kernel) / stride + 1 }

    /// What some frames see.
    private func samples(_ rows: Range<Int>) -> Range<Int> {
        rows.lowerBound * stride..<(rows.upperBound - 1) * stride + kernel
    }

    /// The moments of all T·C values of the convolution's output y, which is linear in x: with
    ///
    ///     S[j] = Σ_t x[t·stride + j]        R[j, i] = Σ_t x[t·stride + j] · x[t·stride + i]
    ///     Σ y = Σ_{o, j} w[o, j] S[j]       Σ y² = Σ_o w_oᵀ R w_o = Σ_{j, i} R[j, i] (WᵀW)[j, i]
    ///
    /// All in double precision, in which the product of two float32 is exact. The variance that follows is
    /// within 10⁻¹² of the mean square, so that also a waveform with a large constant part loses nothing: the
    /// norm adds ε = 10⁻⁵ to it.
    ///
    /// - Parameter waveform: at least the kernel's length, [N, 1].
    /// - Throws: `SpillError`.
    package func moments(_ waveform: FrameStore) throws -> GroupMoments {
        guard kernel <= Self.longestAnalytic else { return try computedMoments(waveform) }
        let (sums, products) = try windowMoments(waveform)
        var moments = GroupMoments()
        var (power, gain) = (0.0, 0.0)
        for j in 0..<kernel {
            var column = 0.0
            for o in 0..<channels { column += Double(weight.pointer[j * channels + o]) }
            moments.sum += column * sums[j]
            for i in 0..<kernel {
                var product = 0.0
                for o in 0..<channels {
                    product +=
                        Double(weight.pointer[j * channels + o]) * Double(weight.pointer[i * channels + o])
                }
                moments.squares += product * products[j * kernel + i]
                if i == j { (power, gain) = (power + products[j * kernel + i], gain + product) }
            }
        }
        // No partial sum of y is larger than √(Σx² Σw²). Beyond float32 the encoder's output is not finite.
        let limit = Double(Float.greatestFiniteMagnitude)
        if !(power.squareRoot() * gain.squareRoot() < limit) { moments.squares = .nan }
        return moments
    }

    /// S [k] and R [k, k].
    private func windowMoments(_ waveform: FrameStore) throws -> ([Double], [Double]) {
        let tiles = Tiling(rows: frames(waveform), target: 1 << 14)
        let size = kernel * (kernel + 1)
        var partial = [Double](repeating: 0, count: tiles.count * size)
        try partial.withUnsafeMutableBufferPointer { partial in
            guard let partial = partial.baseAddress else { return }
            try Parallel.tryForEach(tiles.count) { tile in
                let (rows, sums) = (tiles[tile], partial + tile * size)
                try waveform.read(samples(rows)) {
                    vq_window_moments($0, rows.count, stride, kernel, sums, sums + kernel)
                }
            }
        }
        let total = (0..<size).map { index in
            (0..<tiles.count).reduce(0.0) { $0 + partial[$1 * size + index] }
        }
        return (Array(total[..<kernel]), Array(total[kernel...]))
    }

    /// The matrix R of a long kernel would take more work than the convolution.
    private static let longestAnalytic = 64

    /// The same from the output itself, a tile at a time.
    private func computedMoments(_ waveform: FrameStore) throws -> GroupMoments {
        let tiles = FrameTiles(frames: frames(waveform))
        let plain = FrameNormalization(identity: channels)
        var partial = [GroupMoments](repeating: GroupMoments(), count: tiles.count)
        try partial.withUnsafeMutableBufferPointer { partial in
            let partial = partial
            try Parallel.tryForEach(tiles.count) { tile in
                let rows = tiles[tile]
                let y = try self(waveform, rows, plain)
                partial[tile].add(y.pointer, frames: rows.count, stride: channels, channels: channels)
            }
        }
        return partial.reduce(into: GroupMoments()) { $0 += $1 }
    }
}
