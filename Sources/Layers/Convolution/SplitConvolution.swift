import Autodiff
import Tensors

/// A strided convolution whose kernel is no multiple of its stride, s < k < 2s, as the sum of two parts: the first
/// k − s frames of each s have two taps, by a bilinear algorithm, the others one, by a matrix product.
package struct SplitConvolution: ConvolutionForm {
    private let geometry: ConvolutionGeometry
    let algorithm: BilinearAlgorithm

    /// - Parameters:
    ///   - geometry: with s < k < 2s.
    ///   - algorithm: for two taps.
    init(geometry: ConvolutionGeometry, algorithm: BilinearAlgorithm) {
        (self.geometry, self.algorithm) = (geometry, algorithm)
    }

    /// The part with two taps.
    var longer: BilinearConvolution {
        BilinearConvolution(
            geometry: ConvolutionGeometry(of: geometry, frames: geometry.kernel - geometry.stride, taps: 2),
            algorithm: algorithm)
    }

    /// Floats of a row, or of an output channel's weight, that the longer part takes.
    private var longerChannels: Int { (geometry.kernel - geometry.stride) * geometry.inputChannels }

    /// Those of the other part, which lie behind.
    private var shorterChannels: Range<Int> { longerChannels..<geometry.rowChannels }

    /// Both taps of the longer part, [Cout, 2, its channels].
    /// - Parameter weight: [Cout, k, Cin].
    func longerWeight(_ weight: Tensor) -> Tensor {
        let part = Tensor(uninitialized: [geometry.outputChannels, 2, longerChannels])
        forEachTap { whole, tap in
            (part.pointer + tap).update(from: weight.pointer + whole, count: longerChannels)
        }
        return part
    }

    /// Calls `body` with the places of a tap of the longer part, in the whole weight and in that of the part.
    private func forEachTap(_ body: (_ whole: Int, _ part: Int) -> Void) {
        for output in 0..<geometry.outputChannels {
            let first = output * geometry.kernel * geometry.inputChannels
            body(first, output * 2 * longerChannels)
            body(first + geometry.rowChannels, (output * 2 + 1) * longerChannels)
        }
    }

    /// The weight of the shorter part, or its gradient, [Cout, its channels].
    private func shorterWeight(_ weight: Tensor) -> MatrixView {
        geometry.matrix(weight).columns(shorterChannels)
    }

    private var tiles: Tiling { Tiling(rows: geometry.outputFrames, target: 256) }

    /// Of each of them the rows of the shorter part.
    private func shorterRows(
        _ x: UnsafeMutablePointer<Float>, item: Int, _ rows: Range<Int>
    ) -> MatrixView {
        geometry.rows(x, item: item, first: rows.lowerBound, count: rows.count).columns(shorterChannels)
    }

    private func forEachTile(_ body: @Sendable (_ item: Int, _ tile: Int, _ rows: Range<Int>) -> Void) {
        let tiles = tiles
        Parallel.forEach(geometry.batch * tiles.count) {
            body($0 / tiles.count, $0 % tiles.count, tiles[$0 % tiles.count])
        }
    }

    func outputMoments() -> OutputMoments { OutputMoments(batch: geometry.batch, tiles: tiles.count) }

    /// - Parameters:
    ///   - x: [B, T, Cin].
    ///   - weight: [Cout, k, Cin].
    ///   - bias: [Cout], or nil.
    ///   - moments: of `outputMoments`; gets those of the output.
    /// - Returns: [B, T', Cout].
    func output(_ x: Tensor, weight: Tensor, bias: Tensor?, moments: OutputMoments?) -> Tensor {
        let y = Tensor(uninitialized: [geometry.batch, geometry.outputFrames, geometry.outputChannels])
        setOutput(
            y.pointer, of: x.pointer,
            longerWeight: WeightPanels(longerWeight(weight), taps: algorithm.taps, columns: .outputs),
            weight: weight, bias: bias, moments: moments)
        return y
    }

    /// - Parameters:
    ///   - y: gets the output, [B, T', Cout].
    ///   - x: [B, T, Cin].
    func setOutput(
        _ y: UnsafeMutablePointer<Float>, of x: UnsafeMutablePointer<Float>,
        longerWeight: some TransformedWeight, weight: Tensor, bias: Tensor?, moments: OutputMoments?
    ) {
        longer.setOutput(y, of: longer.rows(of: x), weight: longerWeight, bias: bias, moments: nil)
        let (x, y) = (SharedPointer(x), SharedPointer(y))
        forEachTile { item, tile, rows in
            let output = geometry.output(y.pointer, item: item).rows(rows)
            multiply(
                shorterRows(x.pointer, item: item, rows), shorterWeight(weight), transposeB: true,
                into: output,
                beta: 1)
            moments?.add(output, item: item, tile: tile)
        }
    }

    /// ∂L/∂x, unless it is not needed, and ∂L/∂weight: each part has channels of its own.
    func gradients(
        _ dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool
    ) -> (dx: Tensor?, dw: Tensor) {
        let g = geometry
        let dx = needsInput ? zeroTensor(x.shape) : nil
        let longerGradient = longer.weightGradient(
            dy, x: x, weight: longerWeight(weight), addingInputGradientTo: dx)
        if let dx {
            forEachTile { item, _, rows in
                multiply(
                    g.output(dy.pointer, item: item).rows(rows), shorterWeight(weight),
                    into: shorterRows(dx.pointer, item: item, rows))
            }
        }
        let dw = Tensor(uninitialized: weight.shape)
        forEachTap { whole, tap in
            (dw.pointer + whole).update(from: longerGradient.pointer + tap, count: longerChannels)
        }
        let gradient = shorterWeight(dw)
        let blocks = OutputBlocks(rows: g.outputChannels, columns: [0..<gradient.columns])
        Parallel.forEach(blocks.count) { block in
            let (rows, columns) = blocks[block]
            for item in 0..<g.batch {
                multiply(
                    g.output(dy.pointer, item: item).columns(rows),
                    shorterRows(x.pointer, item: item, 0..<g.outputFrames).columns(columns),
                    transposeA: true, into: gradient.rows(rows).columns(columns), beta: item == 0 ? 0 : 1)
            }
        }
        return (dx, dw)
    }
}
