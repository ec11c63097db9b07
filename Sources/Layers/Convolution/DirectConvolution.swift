import Autodiff
import Tensors

/// A convolution as matrix products on the input itself, without an unfolded copy: rows of the unfolded
/// input are stride·Cin floats apart.
package struct DirectConvolution: ConvolutionForm {
    private let geometry: ConvolutionGeometry

    package init(geometry: ConvolutionGeometry) { self.geometry = geometry }

    /// - Parameter moments: of `outputMoments`; gets those of the output.
    package func output(_ x: Tensor, weight: Tensor, bias: Tensor?, moments: OutputMoments?) -> Tensor {
        let (x, g) = geometry.unfoldingWaveform(x)
        let y = Tensor(uninitialized: [g.batch, g.outputFrames, g.outputChannels])
        forEachItemTile(g) { item, tile, rows in
            let output = g.output(y.pointer, item: item).rows(rows)
            let first = (item * g.inputFrames + rows.lowerBound * g.stride) * g.inputChannels
            DirectConvolution(geometry: g).setTile(
                output, from: x.pointer + first, weight: weight, bias: bias)
            moments?.add(output, item: item, tile: tile)
        }
        return y
    }

    /// Some frames of the output, on the calling thread.
    /// - Parameters:
    ///   - output: [frames, Cout].
    ///   - x: the first of the input's frames that they see.
    func setTile(_ output: MatrixView, from x: UnsafeMutablePointer<Float>, weight: Tensor, bias: Tensor?) {
        let g = geometry
        if let bias { fillRows(output, with: bias) }
        for (index, columns) in g.tapGroups.enumerated() {
            let unfolded = MatrixView(
                x + columns.lowerBound, rows: output.rows, columns: columns.count,
                stride: g.stride * g.inputChannels)
            multiply(
                unfolded, g.matrix(weight).columns(columns), transposeB: true, into: output,
                beta: bias == nil && index == 0 ? 0 : 1)
        }
    }

    package func gradients(
        _ dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool
    ) -> (dx: Tensor?, dw: Tensor) {
        (needsInput ? inputGradient(dy, weight: weight) : nil, weightGradient(dy, x: x))
    }

    /// ∂L/∂x[b, t·stride + j, i] = Σ over the (t, j) that meet there of Σ_o ∂L/∂y[b, t, o] · weight[o, j, i].
    ///
    /// Each group of taps is one matrix product that adds into the input's gradient, seen as rows of
    /// stride·Cin floats.
    private func inputGradient(_ dy: Tensor, weight: Tensor) -> Tensor {
        let g = geometry
        let dx = zeroTensor([g.batch, g.inputFrames, g.inputChannels])
        for columns in g.tapGroups {
            forEachItemTile(g) { item, _, rows in
                multiply(
                    g.output(dy.pointer, item: item).rows(rows), g.matrix(weight).columns(columns),
                    into: g.unfolded(dx, item: item, columns: columns).rows(rows), beta: 1)
            }
        }
        return dx
    }

    /// ∂L/∂weight[o, j, i] = Σ_{b, t} ∂L/∂y[b, t, o] · x[b, t·stride + j, i].
    private func weightGradient(_ dy: Tensor, x: Tensor) -> Tensor {
        let (x, g) = geometry.unfoldingWaveform(x)
        let dw = Tensor(uninitialized: [g.outputChannels, g.kernel, g.inputChannels])
        let blocks = OutputBlocks(rows: g.outputChannels, columns: g.tapGroups)
        Parallel.forEach(blocks.count) { block in
            let (rows, columns) = blocks[block]
            for item in 0..<g.batch {
                multiply(
                    g.output(dy.pointer, item: item).columns(rows),
                    g.unfolded(x, item: item, columns: columns),
                    transposeA: true, into: g.matrix(dw).rows(rows).columns(columns),
                    beta: item == 0 ? 0 : 1)
            }
        }
        return dw
    }

    func outputMoments() -> OutputMoments {
        OutputMoments(batch: geometry.batch, tiles: tiling(geometry).count)
    }

    private func tiling(_ g: ConvolutionGeometry) -> Tiling { Tiling(rows: g.outputFrames, target: 256) }

    private func forEachItemTile(
        _ g: ConvolutionGeometry, _ body: @Sendable (_ item: Int, _ tile: Int, _ rows: Range<Int>) -> Void
    ) {
        let tiles = tiling(g)
        Parallel.forEach(g.batch * tiles.count) {
            body($0 / tiles.count, $0 % tiles.count, tiles[$0 % tiles.count])
        }
    }
}
