import Autodiff
import CKernels
import Tensors

/// The block's output for some waveforms, computed where it is read.
struct WaveformBlockFrames: Sendable {
    let block: WaveformBlock
    let waveforms: Tensor
    /// The stride of the convolution that reads the frames.
    let step: Int
    /// The block's weight as [k, C].
    let weight: Tensor
    /// Of each item; the moments of each of its groups.
    let windows: [WindowMoments]
    let moments: [[GroupMoments]]
    let norms: [FrameNormalization]
    /// T.
    let count: Int

    init(_ block: WaveformBlock, waveforms: Tensor, step: Int) {
        (self.block, self.waveforms, self.step) = (block, waveforms, step)
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
    private func samples(item: Int, first: Int) -> UnsafeMutablePointer<Float> {
        waveforms.pointer + item * waveforms.shape[1] + first * block.stride
    }

    /// Hands the frames to a part of a convolution, a tile at a time.
    func rows(of part: ConvolutionPart) -> BilinearConvolution.Input {
        { tile, use in
            let y = Tensor(uninitialized: [tile.inputs, part.frames.count * block.channels])
            let norm = norms[tile.item]
            forEachRun(of: part, tile) { run in
                vq_waveform_block(
                    samples(item: tile.item, first: run.first), run.count, run.step * block.stride,
                    block.kernel, weight.pointer, y.pointer + run.place, run.distance, block.channels,
                    norm.scale.pointer, norm.shift.pointer, norm.activationCode)
            }
            use(MatrixView(y.pointer, rows: tile.inputs, columns: y.shape[1]))
        }
    }

    /// Frames at equal distances in the waveform and in the rows of a tile.
    private struct Run {
        let first: Int
        let count: Int
        /// From a frame to the next, in frames.
        let step: Int
        /// In a tile, where the first begins and how far behind it the next does, in floats.
        let place: Int
        let distance: Int
    }

    private func forEachRun(
        of part: ConvolutionPart, _ tile: BilinearConvolution.Tile, _ body: (Run) -> Void
    ) {
        let (start, width) = (tile.outputs.lowerBound * step, part.frames.count)
        guard width < step else {
            body(
                Run(first: start, count: tile.inputs * step, step: 1, place: 0, distance: block.channels))
            return
        }
        for (place, frame) in part.frames.enumerated() {
            body(
                Run(
                    first: start + frame, count: tile.inputs, step: step, place: place * block.channels,
                    distance: width * block.channels))
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

    /// Adds to the sums what a tile of a part of the convolution that reads the frames knows of them.
    /// - Parameters:
    ///   - products: of which Bᵀ is the tile's part of ∂L/∂out.
    ///   - sums: Σ du [C], then Σ du·x_j [k, C].
    func addGradientSums(
        _ products: MatrixView, _ tile: BilinearConvolution.Tile, of part: ConvolutionPart,
        to sums: UnsafeMutablePointer<Float>
    ) {
        let dOut = Tensor(uninitialized: [tile.inputs, part.frames.count * block.channels])
        multiplyUnpacked(
            part.algorithm.inputMatrix.columns(0..<tile.inputs), products, transposeA: true,
            into: MatrixView(dOut.pointer, rows: tile.inputs, columns: dOut.shape[1]))
        let norm = norms[tile.item]
        forEachRun(of: part, tile) { run in
            vq_waveform_block_backward(
                samples(item: tile.item, first: run.first), run.count, run.step * block.stride, block.kernel,
                weight.pointer, dOut.pointer + run.place, run.distance, block.channels, norm.scale.pointer,
                norm.shift.pointer, norm.activationCode, sums, sums + block.channels)
        }
    }
}
