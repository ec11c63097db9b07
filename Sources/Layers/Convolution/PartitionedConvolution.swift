import Autodiff
import Tensors

/// Long kernels of a grouped convolution by tiles in the frequency domain. Taps are cut into P parts of L, and a tile of L
/// outputs is the sum over the parts of what a real Fourier transform of 2L frames makes of them
/// (`BilinearAlgorithm.fourier`):
///
///     y_t = A Σ_p (G w_p) ⊙ (B x_{t + p})        x_f: 2L frames from frame f·L on
///
/// So frames are transformed once for all parts, and ⊙ is, for each of R products, one matrix product over parts and
/// channels, whose left operand's rows are P transformed tiles from tile t on.
struct PartitionedConvolution: Sendable {
    let batch: Int
    /// T.
    let frames: Int
    let groups: Int
    /// k.
    let taps: Int

    /// L.
    private static let length = 32
    private static let algorithm = BilinearAlgorithm.fourier(length: 2 * length, taps: length)
    /// Products that a thread has in the cache together.
    private static let chunks = Tiling(rows: algorithm.products, target: 19)

    private var algorithm: BilinearAlgorithm { Self.algorithm }
    /// Of outputs.
    private var tiles: Tiling { Tiling(rows: frames, size: Self.length) }
    private var parts: Tiling { Tiling(rows: taps, size: Self.length) }
    /// Of an item.
    private var transformedTiles: Int { tiles.count + parts.count - 1 }

    /// Multiply-adds, transforms included.
    /// - Parameters:
    ///   - inputs: channels of a group.
    ///   - outputs: channels of a group.
    func cost(inputs: Int, outputs: Int) -> Int {
        let products = groups * algorithm.products
        let frames = batch * (transformedTiles * 2 * inputs + tiles.count * outputs) * Self.length
        return products * (frames + (taps + batch * tiles.count * parts.count) * inputs * outputs)
    }

    /// - Parameters:
    ///   - padded: [B, G, T + k − 1, inputs].
    ///   - weight: [G, k, inputs, outputs].
    ///   - bias: of all groups, or nil.
    ///   - y: [T, outputs] of an item and group.
    func setOutput(
        _ padded: Tensor, _ weight: Tensor, bias: Tensor?,
        y: @Sendable (_ item: Int, _ group: Int) -> MatrixView
    ) {
        let (inputs, outputs) = (weight.shape[2], weight.shape[3])
        Parallel.forEach(groups) { group in
            if let bias {
                for item in 0..<batch { fillRows(y(item, group), with: bias, column: group * outputs) }
            }
            for chunk in Self.chunks.ranges {
                let weights = transform(weight, group: group, chunk)
                for item in 0..<batch {
                    let frames = transform(padded, item: item, group: group, chunk)
                    let products = SpacedMatrices(count: chunk.count, rows: tiles.count, columns: outputs)
                    for product in 0..<chunk.count {
                        multiplyUnpacked(
                            windows(frames[product], inputs), weights[product], into: products[product])
                    }
                    for (tile, rows) in tiles.ranges.enumerated() {
                        multiplyUnpacked(
                            outputMatrix(rows, chunk), products.row(tile), into: y(item, group).rows(rows),
                            adding: bias != nil || chunk.lowerBound > 0)
                    }
                }
            }
        }
    }

    /// ∂L/∂w_p = Gᵀ Σ_t (Aᵀ ∂L/∂y_t) ⊗ (B x_{t + p}).
    /// - Parameters:
    ///   - padded: as above.
    ///   - dy: [T, outputs] of an item and group.
    ///   - shape: of the weight.
    func weightGradient(
        _ padded: Tensor, _ dy: @Sendable (_ item: Int, _ group: Int) -> MatrixView, shape: [Int]
    ) -> Tensor {
        let dw = Tensor(uninitialized: shape)
        let (inputs, outputs) = (shape[2], shape[3])
        Parallel.forEach(groups) { group in
            for chunk in Self.chunks.ranges {
                let sums = SpacedMatrices(
                    count: chunk.count, rows: parts.count * inputs, columns: outputs)
                for item in 0..<batch {
                    let frames = transform(padded, item: item, group: group, chunk)
                    let upstream = SpacedMatrices(count: chunk.count, rows: tiles.count, columns: outputs)
                    for (tile, rows) in tiles.ranges.enumerated() {
                        multiplyUnpacked(
                            outputMatrix(rows, chunk), dy(item, group).rows(rows), transposeA: true,
                            into: upstream.row(tile))
                    }
                    for product in 0..<chunk.count {
                        multiplyUnpacked(
                            windows(frames[product], inputs), upstream[product], transposeA: true,
                            into: sums[product], adding: item > 0)
                    }
                }
                for (part, taps) in parts.ranges.enumerated() {
                    multiplyUnpacked(
                        weightMatrix(taps, chunk), sums.flat.columns(part, of: inputs * outputs),
                        transposeA: true, into: matrix(dw, group: group, taps), adding: chunk.lowerBound > 0)
                }
            }
        }
        return dw
    }

    /// Of some products, rows of A.
    private func outputMatrix(_ rows: Range<Int>, _ products: Range<Int>) -> MatrixView {
        algorithm.outputMatrix.rows(0..<rows.count).columns(products)
    }

    /// Of some products, columns of G.
    private func weightMatrix(_ taps: Range<Int>, _ products: Range<Int>) -> MatrixView {
        algorithm.weightMatrix.rows(products).columns(0..<taps.count)
    }

    /// Some taps of a group, [taps, inputs · outputs].
    private func matrix(_ weight: Tensor, group: Int, _ taps: Range<Int>) -> MatrixView {
        let size = weight.shape[2] * weight.shape[3]
        return MatrixView(
            weight.pointer + (group * self.taps + taps.lowerBound) * size, rows: taps.count, columns: size)
    }

    /// G w of a group, [products, P · inputs, outputs].
    private func transform(_ weight: Tensor, group: Int, _ products: Range<Int>) -> SpacedMatrices {
        let (inputs, outputs) = (weight.shape[2], weight.shape[3])
        let result = SpacedMatrices(count: products.count, rows: parts.count * inputs, columns: outputs)
        for (part, taps) in parts.ranges.enumerated() {
            multiplyUnpacked(
                weightMatrix(taps, products), matrix(weight, group: group, taps),
                into: result.flat.columns(part, of: inputs * outputs))
        }
        return result
    }

    /// B x of an item and group, [products, tiles + P − 1, channels].
    private func transform(
        _ padded: Tensor, item: Int, group: Int, _ products: Range<Int>
    ) -> SpacedMatrices {
        let (rows, width) = (padded.shape[2], padded.shape[3])
        let result = SpacedMatrices(count: products.count, rows: transformedTiles, columns: width)
        for tile in 0..<transformedTiles {
            let first = tile * Self.length
            let count = min(2 * Self.length, rows - first)
            multiplyUnpacked(
                algorithm.inputMatrix.rows(products).columns(0..<count),
                MatrixView(
                    padded.pointer + ((item * groups + group) * rows + first) * width, rows: count,
                    columns: width), into: result.row(tile))
        }
        return result
    }

    /// Of transformed tiles those that each tile of outputs sees, [tiles, P · channels].
    private func windows(_ transformed: MatrixView, _ channels: Int) -> MatrixView {
        MatrixView(
            transformed.pointer, rows: tiles.count, columns: parts.count * channels, stride: channels)
    }
}

extension MatrixView {
    /// Columns of equal parts.
    fileprivate func columns(_ part: Int, of count: Int) -> MatrixView {
        columns(part * count..<(part + 1) * count)
    }
}
