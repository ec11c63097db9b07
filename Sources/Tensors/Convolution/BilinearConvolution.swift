/// A convolution in tiles of few output frames by a `BilinearAlgorithm`. All of it is matrix products: those
/// with the small matrices read their operands where they lie, and R large ones work between channels.
///
/// Strided convolutions are seen as ones of stride 1 over rows of stride·Cin channels.
package struct BilinearConvolution {
    private let geometry: ConvolutionGeometry
    private let algorithm: BilinearAlgorithm

    /// - Precondition: the geometry has `rowTaps`, as many as the algorithm has taps.
    package init(geometry: ConvolutionGeometry, algorithm: BilinearAlgorithm) {
        precondition(geometry.rowTaps == algorithm.taps)
        (self.geometry, self.algorithm) = (geometry, algorithm)
    }

    private var tilesPerItem: Int {
        (geometry.outputFrames + algorithm.outputs - 1) / algorithm.outputs
    }

    package func output(_ x: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
        let g = geometry
        let transformed = transform(weight)
        let y = Tensor(uninitialized: [g.batch, g.outputFrames, g.outputChannels])
        forEachBlock { tiles in
            let products = multiply(transformInput(x, tiles), by: transformed, transposed: true)
            forEachTile(tiles) { index, tile in
                let output = g.output(y, item: tile.item).rows(tile.outputs)
                if let bias { fillRows(output, with: bias) }
                multiplySmall(
                    algorithm.outputMatrix.rows(0..<tile.outputs.count), products.tile(index), into: output,
                    adding: bias != nil)
            }
        }
        return y
    }

    /// ∂L/∂x, unless it is not needed, and ∂L/∂weight.
    ///
    /// With Q = Aᵀ ∂L/∂y for each tile: ∂L/∂x = Bᵀ(Gw ⊙ Q), summed where tiles overlap, and
    /// ∂L/∂weight = Gᵀ Σ_tiles Q ⊗ Bx.
    package func gradients(
        _ dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool
    ) -> (dx: Tensor?, dw: Tensor) {
        let g = geometry
        let dx = needsInput ? zeroTensor([g.batch, g.inputFrames, g.inputChannels]) : nil
        let transformed = needsInput ? transform(weight) : nil
        let sums = Tensor(uninitialized: [algorithm.products, productStride])
        forEachBlock { tiles in
            let outer = transformOutputGradient(dy, tiles)
            if let dx, let transformed {
                addInputGradient(multiply(outer, by: transformed, transposed: false), tiles, to: dx)
            }
            let inner = transformInput(x, tiles)
            let blocks = OutputBlocks(rows: g.outputChannels, columns: [0..<g.rowChannels])
            Parallel.forEach(algorithm.products * blocks.count) { index in
                let product = index / blocks.count
                let (rows, columns) = blocks[index % blocks.count]
                Tensors.multiply(
                    outer.product(product).columns(rows), inner.product(product).columns(columns),
                    transposeA: true, into: weightMatrix(sums, product).rows(rows).columns(columns),
                    beta: tiles.lowerBound == 0 ? 0 : 1)
            }
        }
        return (dx, weightGradient(sums))
    }
}

// Weights between [Cout, k, stride·Cin] and [R, Cout, stride·Cin].
extension BilinearConvolution {
    /// G w.
    private func transform(_ weight: Tensor) -> Tensor {
        let transformed = Tensor(
            uninitialized: [algorithm.products, productStride])
        Parallel.forEachTile(rows: geometry.outputChannels, target: 16) { _, rows in
            for row in rows {
                multiplySmall(
                    algorithm.weightMatrix, tapMatrix(weight, row), into: productMatrix(transformed, row))
            }
        }
        return transformed
    }

    /// Gᵀ of the sums over tiles.
    private func weightGradient(_ sums: Tensor) -> Tensor {
        let dw = Tensor(uninitialized: [geometry.outputChannels, geometry.kernel, geometry.inputChannels])
        Parallel.forEachTile(rows: geometry.outputChannels, target: 16) { _, rows in
            for row in rows {
                multiplySmall(
                    algorithm.weightMatrix, productMatrix(sums, row), transposeA: true,
                    into: tapMatrix(dw, row))
            }
        }
        return dw
    }

    /// Between the weights of two products, in floats. Those of one channel are written together, and would
    /// share a few cache sets if they lay powers of two apart.
    private var productStride: Int { geometry.outputChannels * geometry.rowChannels + 48 }

    /// The taps of an output channel, [k, stride·Cin].
    private func tapMatrix(_ weight: Tensor, _ channel: Int) -> MatrixView {
        let count = algorithm.taps * geometry.rowChannels
        return MatrixView(
            weight.pointer + channel * count, rows: algorithm.taps, columns: geometry.rowChannels)
    }

    /// What becomes of them, [R, stride·Cin].
    private func productMatrix(_ transformed: Tensor, _ channel: Int) -> MatrixView {
        MatrixView(
            transformed.pointer + channel * geometry.rowChannels, rows: algorithm.products,
            columns: geometry.rowChannels, stride: productStride)
    }

    /// The weights of a product, [Cout, stride·Cin].
    private func weightMatrix(_ transformed: Tensor, _ product: Int) -> MatrixView {
        MatrixView(
            transformed.pointer + product * productStride,
            rows: geometry.outputChannels, columns: geometry.rowChannels)
    }
}

// Frames of a block of tiles between [T, C] and [R, tiles, C].
extension BilinearConvolution {
    /// Transformed frames.
    private struct Transformed {
        let values: Tensor

        init(products: Int, tiles: Int, channels: Int) {
            values = Tensor(uninitialized: [products, tiles, channels])
        }

        /// [tiles, C].
        func product(_ index: Int) -> MatrixView {
            let (tiles, channels) = (values.shape[1], values.shape[2])
            return MatrixView(values.pointer + index * tiles * channels, rows: tiles, columns: channels)
        }

        /// [R, C].
        func tile(_ index: Int) -> MatrixView {
            let (tiles, channels) = (values.shape[1], values.shape[2])
            return MatrixView(
                values.pointer + index * channels, rows: values.shape[0], columns: channels,
                stride: tiles * channels)
        }
    }

    /// Where a tile lies: the last of an item may be shorter than the others.
    private struct Tile {
        let item: Int
        let outputs: Range<Int>
        let inputs: Int
    }

    private func tile(_ number: Int) -> Tile {
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

    private func forEachTile(_ tiles: Range<Int>, _ body: (_ index: Int, _ tile: Tile) -> Void) {
        Parallel.forEachTile(rows: tiles.count, target: 4) { _, indices in
            for index in indices { body(index, tile(tiles.lowerBound + index)) }
        }
    }

    /// B x.
    private func transformInput(_ x: Tensor, _ tiles: Range<Int>) -> Transformed {
        let result = Transformed(
            products: algorithm.products, tiles: tiles.count, channels: geometry.rowChannels)
        forEachTile(tiles) { index, tile in
            multiplySmall(
                algorithm.inputMatrix.columns(0..<tile.inputs),
                geometry.rows(x, item: tile.item, first: tile.outputs.lowerBound, count: tile.inputs),
                into: result.tile(index))
        }
        return result
    }

    /// Aᵀ ∂L/∂y.
    private func transformOutputGradient(_ dy: Tensor, _ tiles: Range<Int>) -> Transformed {
        let result = Transformed(
            products: algorithm.products, tiles: tiles.count, channels: geometry.outputChannels)
        forEachTile(tiles) { index, tile in
            multiplySmall(
                algorithm.outputMatrix.rows(0..<tile.outputs.count),
                geometry.output(dy, item: tile.item).rows(tile.outputs), transposeA: true,
                into: result.tile(index))
        }
        return result
    }

    /// Adds Bᵀ of the products. Tiles that overlap take turns, in an order that does not depend on threads.
    private func addInputGradient(_ products: Transformed, _ tiles: Range<Int>, to dx: Tensor) {
        let turns = (algorithm.inputs + algorithm.outputs - 1) / algorithm.outputs
        for turn in 0..<turns {
            let indices = Array(stride(from: turn, to: tiles.count, by: turns))
            Parallel.forEach(indices.count) { place in
                let tile = tile(tiles.lowerBound + indices[place])
                multiplySmall(
                    algorithm.inputMatrix.columns(0..<tile.inputs), products.tile(indices[place]),
                    transposeA: true,
                    into: geometry.rows(
                        dx, item: tile.item, first: tile.outputs.lowerBound, count: tile.inputs), adding: true
                )
            }
        }
    }

    /// The product of each of the R matrices of frames with its weights or their transpose.
    private func multiply(
        _ frames: Transformed, by weight: Tensor, transposed: Bool
    ) -> Transformed {
        let tiles = frames.values.shape[1]
        let result = Transformed(
            products: algorithm.products, tiles: tiles,
            channels: transposed ? geometry.outputChannels : geometry.rowChannels)
        let rows = Tiling(rows: tiles, target: 384)
        Parallel.forEach(algorithm.products * rows.count) { index in
            let (product, rows) = (index / rows.count, rows[index % rows.count])
            Tensors.multiply(
                frames.product(product).rows(rows), weightMatrix(weight, product), transposeB: transposed,
                into: result.product(product).rows(rows))
        }
        return result
    }
}
