import Autodiff
import Tensors

/// A convolution in tiles of few output frames by a `BilinearAlgorithm`. All of it is matrix products: those
/// with the small matrices read their operands where they lie, and R large ones work between channels.
///
/// Strided convolutions are seen as ones of stride 1 over rows of stride·Cin channels.
struct BilinearConvolution: Sendable {
    let geometry: ConvolutionGeometry
    let algorithm: BilinearAlgorithm

    /// - Precondition: the geometry has `rowTaps`, as many as the algorithm has taps.
    init(geometry: ConvolutionGeometry, algorithm: BilinearAlgorithm) {
        precondition(geometry.rowTaps == algorithm.taps, "an algorithm for \(algorithm.taps) taps")
        (self.geometry, self.algorithm) = (geometry, algorithm)
    }

    /// ∂L/∂weight.
    /// - Parameter dx: ∂L/∂x is added to it; nil where it is not needed.
    func weightGradient(
        _ dy: Tensor, x: Tensor, weight: Tensor, addingInputGradientTo dx: Tensor?
    ) -> Tensor {
        guard let dx else { return weightGradient(dy, input: rows(of: x.pointer), weight: weight) }
        return weightGradient(dy, input: rows(of: x.pointer), weight: weight) { products, tiles in
            addInputGradient(products, tiles, to: dx)
        }
    }

    /// - Parameter x: [B, T, Cin].
    func rows(of x: UnsafeMutablePointer<Float>) -> Input {
        let x = SharedPointer(x)
        return { tile, use in
            use(geometry.rows(x.pointer, item: tile.item, first: tile.outputs.lowerBound, count: tile.inputs))
        }
    }

    /// Adds Bᵀ of the products. Tiles that overlap take turns, in an order that does not depend on threads.
    private func addInputGradient(_ products: TransformedFrames, _ tiles: Range<Int>, to dx: Tensor) {
        let turns = (algorithm.inputs + algorithm.outputs - 1) / algorithm.outputs
        for turn in 0..<turns {
            let indices = Array(stride(from: turn, to: tiles.count, by: turns))
            Parallel.forEach(indices.count) { place in
                let tile = tile(tiles.lowerBound + indices[place])
                multiplyUnpacked(
                    algorithm.inputMatrix.columns(0..<tile.inputs), products.tile(indices[place]),
                    transposeA: true,
                    into: geometry.rows(
                        dx.pointer, item: tile.item, first: tile.outputs.lowerBound, count: tile.inputs),
                    adding: true)
            }
        }
    }
}

// The same for an input that is not stored, but handed over a tile at a time.
extension BilinearConvolution {
    /// Where a tile lies: the last of an item may be shorter than the others.
    struct Tile: Sendable {
        let item: Int
        /// Output frames.
        let outputs: Range<Int>
        /// Number of rows of the input, from row `outputs.lowerBound` on.
        let inputs: Int
    }

    /// Calls `use` with the rows [inputs, stride·Cin] under a tile.
    typealias Input = @Sendable (_ tile: Tile, _ use: (MatrixView) -> Void) -> Void

    /// - Parameters:
    ///   - y: gets the output, [B, T', Cout].
    ///   - adding: y holds the bias, or other parts, already.
    ///   - moments: of `outputMoments`; gets those of the output.
    func setOutput(
        _ y: UnsafeMutablePointer<Float>, of input: Input, weight: some TransformedWeight, bias: Tensor?,
        adding: Bool = false, moments: OutputMoments?
    ) {
        let (g, y) = (geometry, SharedPointer(y))
        forEachBlock { tiles in
            let products = multiply(transform(input, tiles), by: weight)
            forEachTile(tiles) { index, tile in
                let output = g.output(y.pointer, item: tile.item).rows(tile.outputs)
                if let bias { fillRows(output, with: bias) }
                multiplyUnpacked(
                    algorithm.outputMatrix.rows(0..<tile.outputs.count), products.tile(index), into: output,
                    adding: adding || bias != nil)
                moments?.add(output, item: tile.item, tile: tile.outputs.lowerBound / algorithm.outputs)
            }
        }
    }

    /// ∂L/∂weight = Gᵀ Σ_tiles Q ⊗ Bx with Q = Aᵀ ∂L/∂y.
    ///
    /// - Parameter inputGradient: gets the products Gw ⊙ Q of a block of tiles, of which Bᵀ is each tile's part
    ///   of ∂L/∂x; nil where that is not needed.
    func weightGradient(
        _ dy: Tensor, input: Input, weight: Tensor,
        inputGradient: ((_ products: TransformedFrames, _ tiles: Range<Int>) -> Void)? = nil
    ) -> Tensor {
        let dw = Tensor(uninitialized: weight.shape)
        let weight = inputGradient.map { _ in
            WeightPanels(weight, taps: algorithm.taps, columns: .inputs)
        }
        forEachBlock { tiles in
            let outer = transformOutputGradient(dy, tiles)
            if let inputGradient, let weight { inputGradient(multiply(outer, by: weight), tiles) }
            setWeightGradient(
                dw, outer: outer, inner: transform(input, tiles), adding: tiles.lowerBound > 0)
        }
        return dw
    }

    /// Each thread sums over tiles for some output channels and a panel of row channels.
    private func setWeightGradient(
        _ dw: Tensor, outer: TransformedFrames, inner: TransformedFrames, adding: Bool
    ) {
        let rowChannels = geometry.rowChannels
        let panels = Panels(columns: rowChannels)
        let outputs = Tiling(rows: geometry.outputChannels, size: 4 * Panels.width)
        Parallel.forEach(panels.count * outputs.count) { index in
            let (columns, rows) = (panels[index / outputs.count], outputs[index % outputs.count])
            // ∂L/∂(G w).
            let sums = SpacedMatrices(count: algorithm.products, rows: rows.count, columns: columns.count)
            for product in 0..<algorithm.products {
                multiplyUnpacked(
                    outer.product(product).columns(rows), inner.product(product).columns(columns),
                    transposeA: true, into: sums[product])
            }
            for (place, output) in rows.enumerated() {
                let taps = MatrixView(
                    dw.pointer + output * algorithm.taps * rowChannels, rows: algorithm.taps,
                    columns: rowChannels)
                multiplyUnpacked(
                    algorithm.weightMatrix, sums.row(place), transposeA: true, into: taps.columns(columns),
                    adding: adding)
            }
        }
    }

    func outputMoments() -> OutputMoments { OutputMoments(batch: geometry.batch, tiles: tilesPerItem) }

    var tilesPerItem: Int {
        (geometry.outputFrames + algorithm.outputs - 1) / algorithm.outputs
    }

    func tile(_ number: Int) -> Tile {
        let first = number % tilesPerItem * algorithm.outputs
        let end = min(first + algorithm.outputs, geometry.outputFrames)
        return Tile(
            item: number / tilesPerItem, outputs: first..<end, inputs: end - first + algorithm.taps - 1)
    }

    /// Calls `body` for blocks of tiles that bound the memory of transformed frames.
    private func forEachBlock(_ body: (Range<Int>) -> Void) {
        let perTile = algorithm.products * (geometry.rowChannels + geometry.outputChannels)
        let blocks = Tiling(rows: geometry.batch * tilesPerItem, target: max(1, Self.blockSize / perTile))
        for index in 0..<blocks.count { body(blocks[index]) }
    }

    /// In floats.
    private static let blockSize = 1 << 23

    /// Multiply-adds for each column of a panel.
    private static let groupSize = 1 << 21

    private func forEachTile(_ tiles: Range<Int>, _ body: @Sendable (_ index: Int, _ tile: Tile) -> Void) {
        Parallel.forEachTile(rows: tiles.count, target: 4) { _, indices in
            for index in indices { body(index, tile(tiles.lowerBound + index)) }
        }
    }

    /// B x.
    private func transform(_ input: Input, _ tiles: Range<Int>) -> TransformedFrames {
        let result = TransformedFrames(
            products: algorithm.products, tiles: tiles.count, channels: geometry.rowChannels)
        forEachTile(tiles) { index, tile in
            input(tile) { rows in
                multiplyUnpacked(
                    algorithm.inputMatrix.columns(0..<tile.inputs), rows, into: result.tile(index))
            }
        }
        return result
    }

    /// Aᵀ ∂L/∂y.
    private func transformOutputGradient(_ dy: Tensor, _ tiles: Range<Int>) -> TransformedFrames {
        let result = TransformedFrames(
            products: algorithm.products, tiles: tiles.count, channels: geometry.outputChannels)
        forEachTile(tiles) { index, tile in
            multiplyUnpacked(
                algorithm.outputMatrix.rows(0..<tile.outputs.count),
                geometry.output(dy.pointer, item: tile.item).rows(tile.outputs), transposeA: true,
                into: result.tile(index))
        }
        return result
    }

    /// The product of each of the R matrices of frames with its weights.
    private func multiply(_ frames: TransformedFrames, by weight: some TransformedWeight) -> TransformedFrames
    {
        let result = TransformedFrames(
            products: algorithm.products, tiles: frames.tiles, channels: weight.columns.columns)
        // Enough of them that threads end at nearly the same time.
        let perProduct = frames.tiles * weight.depth
        let groups = Tiling(rows: algorithm.products, target: min(14, max(2, Self.groupSize / perProduct)))
        Parallel.forEach(weight.columns.count * groups.count) { index in
            let (panel, products) = (index / groups.count, groups[index % groups.count])
            let transformed = weight.transformed(panel, by: algorithm, products: products)
            for (place, product) in products.enumerated() {
                multiplyUnpacked(
                    frames.product(product), transformed[place],
                    into: result.product(product).columns(weight.columns[panel]))
            }
        }
        return result
    }
}
