import Autodiff
import CKernels
import Tensors

/// The block's output for some waveforms, computed where it is read.
struct WaveformBlockFrames: Sendable {
    let block: WaveformBlock
    let waveforms: Tensor
    /// The block's weight as [k, C].
    let weight: Tensor
    /// Of each item; the moments of each of its groups.
    let windows: [WindowMoments]
    let moments: [[GroupMoments]]
    let norms: [FrameNormalization]
    /// T.
    let count: Int

    init(_ block: WaveformBlock, waveforms: Tensor) {
        (self.block, self.waveforms) = (block, waveforms)
        let weight = block.weight.value.reshaped([block.channels, block.kernel]).transposed([1, 0])
        let count = block.outputShape(waveforms)[1]
        windows = Self.windowMoments(waveforms, count: count, block)
        let taps = WindowMoments.Taps.groups(block.groups, of: weight)
        moments = windows.map { windows in taps.map { windows.moments($0) } }
        norms = moments.map {
            FrameNormalization(
                .group(block.groups), moments: $0, frames: count, channels: block.channels,
                weight: block.normWeight?.value, bias: block.normBias?.value, activation: block.activation)
        }
        (self.weight, self.count) = (weight, count)
    }

    /// What frames from `first` on see.
    func samples(item: Int, first: Int) -> UnsafeMutablePointer<Float> {
        waveforms.pointer + item * waveforms.shape[1] + first * block.stride
    }

    /// Hands the frames to a convolution, a tile at a time.
    func rows(of convolution: BilinearConvolution) -> BilinearConvolution.Input {
        { tile, use in
            let stride = convolution.geometry.stride
            let y = Tensor(uninitialized: [tile.inputs * stride, block.channels])
            let norm = norms[tile.item]
            vq_waveform_block(
                samples(item: tile.item, first: tile.outputs.lowerBound * stride), y.shape[0], block.stride,
                block.kernel, weight.pointer, y.pointer, block.channels, norm.scale.pointer,
                norm.shift.pointer, norm.activationCode)
            use(MatrixView(y.pointer, rows: tile.inputs, columns: stride * block.channels))
        }
    }

    /// Of each item.
    private static func windowMoments(
        _ waveforms: Tensor, count: Int, _ block: WaveformBlock
    ) -> [WindowMoments] {
        let (batch, samples) = (waveforms.shape[0], waveforms.shape[1])
        let tiles = Tiling(rows: count, target: WindowMoments.tile)
        let empty = WindowMoments(kernel: block.kernel)
        let partial = Parallel.map(batch * tiles.count) { index in
            let (item, rows) = (index / tiles.count, tiles[index % tiles.count])
            var windows = empty
            windows.add(
                waveforms.pointer + item * samples + rows.lowerBound * block.stride, windows: rows.count,
                stride: block.stride)
            return windows
        }
        return (0..<batch).map { item in
            partial[item * tiles.count..<(item + 1) * tiles.count].reduce(into: empty) { $0 += $1 }
        }
    }
}

extension WaveformBlockFrames {
    /// Values of Σ du and Σ du·x_j of an item.
    var gradientSums: Int { (block.kernel + 1) * block.channels }

    /// Adds to the sums what a tile of the convolution that reads the frames knows of them.
    /// - Parameters:
    ///   - products: of which Bᵀ is the tile's part of ∂L/∂out.
    ///   - sums: Σ du [C], then Σ du·x_j [k, C].
    func addGradientSums(
        _ products: MatrixView, _ tile: BilinearConvolution.Tile, of convolution: BilinearConvolution,
        to sums: UnsafeMutablePointer<Float>
    ) {
        let stride = convolution.geometry.stride
        let dOut = Tensor(uninitialized: [tile.inputs * stride, block.channels])
        multiplyUnpacked(
            convolution.algorithm.inputMatrix.columns(0..<tile.inputs), products, transposeA: true,
            into: MatrixView(dOut.pointer, rows: tile.inputs, columns: stride * block.channels))
        let norm = norms[tile.item]
        vq_waveform_block_backward(
            samples(item: tile.item, first: tile.outputs.lowerBound * stride), dOut.shape[0],
            block.stride, block.kernel, weight.pointer, dOut.pointer, block.channels, norm.scale.pointer,
            norm.shift.pointer, norm.activationCode, sums, sums + block.channels)
    }
}
