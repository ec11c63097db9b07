import CKernels
import Tensors

/// The gradient of a `WaveformBlock`'s parameters. With y = w·x the convolution, ŷ = (y − μ)/σ, du = ∂L/∂out · act′
/// at frame t and channel c, x_j the j-th sample that the frame sees, and N = T·C:
///
///     ∂L/∂normBias = Σ_t du             ∂L/∂normWeight = Σ_t du·ŷ = (Σ_j w_j Σ_t du·x_j − μ Σ_t du)/σ
///     ∂L/∂y        = a·du + b·y + k     (see `groupNormGradient`)
///     ∂L/∂w_j      = a Σ_t du·x_j + b Σ_i w_i R[i, j] + k S[j]
///
/// So all that has to be summed over frames is Σ du and Σ du·x_j: nothing of the block is stored, and tiles that
/// overlap can add their parts of ∂L/∂out on their own.
struct WaveformBlockSums {
    private let frames: WaveformBlockFrames
    /// Σ du [C], then Σ du·x_j [k, C], of each item.
    private var totals: [[Double]]

    private var channels: Int { frames.block.channels }
    private var kernel: Int { frames.block.kernel }

    init(_ frames: WaveformBlockFrames) {
        self.frames = frames
        let size = (frames.block.kernel + 1) * frames.block.channels
        totals = frames.windows.map { _ in [Double](repeating: 0, count: size) }
    }

    /// Adds a block of tiles of the convolution that reads the frames.
    /// - Parameter products: of which Bᵀ is a tile's part of ∂L/∂out.
    mutating func add(
        _ products: TransformedFrames, _ tiles: Range<Int>, of convolution: BilinearConvolution
    ) {
        let groups = Tiling(rows: tiles.count, size: 8)
        let batch = totals.count
        let partial = zeroTensor([groups.count, batch, totals[0].count])
        Parallel.forEach(groups.count) { group in
            for index in groups[group] {
                let tile = convolution.tile(tiles.lowerBound + index)
                addTile(
                    products.tile(index), tile, of: convolution,
                    to: partial.pointer + (group * batch + tile.item) * totals[0].count)
            }
        }
        for item in 0..<batch { addToTotals(partial, groups: groups.count, item: item) }
    }

    /// - Parameter partial: [groups, B, (k + 1)·C].
    private mutating func addToTotals(_ partial: Tensor, groups: Int, item: Int) {
        let (batch, size) = (partial.shape[1], partial.shape[2])
        totals[item].withUnsafeMutableBufferPointer { totals in
            guard let totals = totals.baseAddress else { return }
            Parallel.forEachTile(rows: size, target: 512) { _, range in
                for group in 0..<groups {
                    let sums = partial.pointer + (group * batch + item) * size
                    for index in range { totals[index] += Double(sums[index]) }
                }
            }
        }
    }

    private func addTile(
        _ products: MatrixView, _ tile: BilinearConvolution.Tile, of convolution: BilinearConvolution,
        to sums: UnsafeMutablePointer<Float>
    ) {
        let stride = convolution.geometry.stride
        let dOut = Tensor(uninitialized: [tile.inputs * stride, channels])
        multiplyUnpacked(
            convolution.algorithm.inputMatrix.columns(0..<tile.inputs), products, transposeA: true,
            into: MatrixView(dOut.pointer, rows: tile.inputs, columns: stride * channels))
        let norm = frames.norms[tile.item]
        vq_waveform_block_backward(
            frames.samples(item: tile.item, first: tile.outputs.lowerBound * stride), dOut.shape[0],
            frames.block.stride, kernel, frames.weight.pointer, dOut.pointer, channels, norm.scale.pointer,
            norm.shift.pointer, norm.activationCode, sums, sums + channels)
    }

    /// ∂L/∂weight [C, k, 1], ∂L/∂normWeight [C] and ∂L/∂normBias [C].
    func gradient() -> (weight: Tensor, normWeight: Tensor, normBias: Tensor) {
        let weight = Tensor(zeros: [channels, kernel, 1])
        let (normWeight, normBias) = (Tensor(zeros: [channels]), Tensor(zeros: [channels]))
        for item in totals.indices { add(item, to: weight, normWeight, normBias) }
        return (weight, normWeight, normBias)
    }

    private func add(_ item: Int, to weight: Tensor, _ normWeight: Tensor, _ normBias: Tensor) {
        let (sums, windows) = (totals[item], frames.windows[item])
        let size = Double(frames.count * channels)
        let (mean, inverse) = frames.moments[item].normalization(count: size)
        func tap(_ j: Int, _ channel: Int) -> Double { Double(frames.weight.pointer[j * channels + channel]) }
        func gain(_ channel: Int) -> Double { Double(frames.block.normWeight?.value.pointer[channel] ?? 1) }

        var (meanDu, meanDuy) = (0.0, 0.0)
        for channel in 0..<channels {
            let duy = (0..<kernel).reduce(0.0) { $0 + tap($1, channel) * sums[($1 + 1) * channels + channel] }
            let duNormalized = inverse * (duy - mean * sums[channel])
            normBias.pointer[channel] += Float(sums[channel])
            normWeight.pointer[channel] += Float(duNormalized)
            meanDu += gain(channel) * sums[channel] / size
            meanDuy += gain(channel) * duNormalized / size
        }
        let b = -inverse * inverse * meanDuy
        let k = inverse * (mean * inverse * meanDuy - meanDu)
        for channel in 0..<channels {
            for j in 0..<kernel {
                let window = (0..<kernel).reduce(0.0) {
                    $0 + tap($1, channel) * windows.products[$1 * kernel + j]
                }
                weight.pointer[channel * kernel + j] += Float(
                    gain(channel) * inverse * sums[(j + 1) * channels + channel] + b * window
                        + k * windows.sums[j])
            }
        }
    }
}
