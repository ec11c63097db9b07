import Autodiff
import Tensors

// The operands of the R products, and the products, in the precision of the convolution.
extension BilinearConvolution {
    /// B x.
    func transform(
        _ input: Input, _ tiles: Range<Int>, for uses: ProductFrames.Uses
    ) -> ProductFrames {
        ProductFrames(
            products: algorithm.products, tiles: tiles.count, channels: geometry.rowChannels,
            precision: precision, for: uses
        ) { index, frames in
            let tile = tile(tiles.lowerBound + index)
            input(tile) { rows in
                multiplyUnpacked(algorithm.inputMatrix.columns(0..<tile.inputs), rows, into: frames)
            }
        }
    }

    /// Aᵀ ∂L/∂y.
    func transformOutputGradient(
        _ dy: Tensor, _ tiles: Range<Int>, for uses: ProductFrames.Uses
    ) -> ProductFrames {
        ProductFrames(
            products: algorithm.products, tiles: tiles.count, channels: geometry.outputChannels,
            precision: precision, for: uses
        ) { index, frames in
            let tile = tile(tiles.lowerBound + index)
            multiplyUnpacked(
                algorithm.outputMatrix.rows(0..<tile.outputs.count),
                geometry.output(dy.pointer, item: tile.item).rows(tile.outputs), transposeA: true,
                into: frames)
        }
    }

    /// The product of each of the R matrices of frames of some tiles with its weights.
    func multiply(
        _ frames: ProductFrames, _ tiles: Range<Int>, by weight: some TransformedWeight
    ) -> TransformedFrames {
        let result = TransformedFrames(
            products: algorithm.products, tiles: tiles.count, channels: weight.columns.columns)
        // Enough of them that threads end at nearly the same time.
        let perProduct = tiles.count * weight.depth
        let groups = Tiling(rows: algorithm.products, target: min(14, max(2, Self.groupSize / perProduct)))
        Parallel.forEach(weight.columns.count * groups.count) { index in
            let (panel, products) = (index / groups.count, groups[index % groups.count])
            let transformed = weight.transformed(
                panel, by: algorithm, products: products, precision: precision)
            for (place, product) in products.enumerated() {
                multiplyUnpacked(
                    frames.byChannel(product), transformed[place],
                    into: result.product(product).columns(weight.columns[panel]))
            }
        }
        return result
    }

    /// Multiply-adds for each column of a panel.
    private static let groupSize = 1 << 21
}
