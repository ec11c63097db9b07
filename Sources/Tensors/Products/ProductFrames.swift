/// Frames of some tiles as a bilinear algorithm multiplies them, [R, tiles, C], or those of a linear map (R = 1), in the
/// precision of the products.
package struct ProductFrames: Sendable {
    /// What products do with the frames. Each is a copy of its own in bfloat16, and none in float32.
    package struct Uses: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Sum over channels.
        package static let channelSums = Uses(rawValue: 1)
        /// Sum over frames, as for the gradients of weights.
        package static let frameSums = Uses(rawValue: 2)
    }

    private enum Storage {
        case float32(TransformedFrames)
        case bf16(channelSums: RoundedMatrices?, frameSums: RoundedMatrices?)
    }

    private let storage: Storage

    private init(_ storage: Storage) { self.storage = storage }

    /// Values are not set.
    private init(products: Int, tiles: Int, channels: Int, _ precision: Precision, for uses: Uses) {
        guard precision == .bf16 else {
            self.init(
                .float32(TransformedFrames(products: products, tiles: tiles, channels: channels)))
            return
        }
        func matrices(_ use: Uses, _ kind: RoundedMatrix.Kind) -> RoundedMatrices? {
            uses.contains(use)
                ? RoundedMatrices(count: products, rows: tiles, columns: channels, pairing: kind) : nil
        }
        self.init(
            .bf16(channelSums: matrices(.channelSums, .columns), frameSums: matrices(.frameSums, .rows)))
    }

    /// - Parameter transform: sets the frames of a tile, [R, C]; called on all threads.
    package init(
        products: Int, tiles: Int, channels: Int, precision: Precision, for uses: Uses,
        transform: @Sendable (_ tile: Int, _ frames: MatrixView) -> Void
    ) {
        self.init(products: products, tiles: tiles, channels: channels, precision, for: uses)
        switch storage {
        case .float32(let frames):
            Parallel.forEachTile(rows: tiles, target: 4) { _, range in
                for tile in range { transform(tile, frames.tile(tile)) }
            }
        case .bf16(let channelSums, let frameSums):
            let groups = Tiling(rows: tiles, size: 4)
            Parallel.forEach(groups.count) { group in
                // Two tiles are a pair. Rows are no powers of two apart.
                let scratch = Tensor(uninitialized: [2, products, channels + 16])
                func part(_ index: Int) -> MatrixView {
                    MatrixView(
                        scratch.pointer + index * products * scratch.shape[2], rows: products,
                        columns: channels, stride: scratch.shape[2])
                }
                for first in stride(from: groups[group].lowerBound, to: groups[group].upperBound, by: 2) {
                    let pair = first..<min(first + 2, tiles)
                    for tile in pair {
                        transform(tile, part(tile - first))
                        channelSums?.acrossRow(tile).round(part(tile - first))
                    }
                    frameSums?.acrossRow(first).round(part(0), pair.count == 2 ? part(1) : nil)
                }
            }
        }
    }

    /// A copy of a matrix [rows, C], as a transform of one product would be.
    package init(copying matrix: MatrixView, precision: Precision, for uses: Uses) {
        guard precision == .bf16 else {
            self.init(.float32(TransformedFrames(copying: matrix)))
            return
        }
        self.init(products: 1, tiles: matrix.rows, channels: matrix.columns, precision, for: uses)
        let copies = [operand(.channelSums), operand(.frameSums)]
        let groups = Tiling(rows: matrix.rows, size: max(2, elementTile / max(1, matrix.columns) / 2 * 2))
        Parallel.forEach(groups.count) { group in
            for case .bf16(let copy)? in copies { copy.rows(groups[group]).round(matrix.rows(groups[group])) }
        }
    }

    /// For products that sum over channels, [tiles, C].
    package func byChannel(_ product: Int = 0) -> ProductOperand { require(.channelSums, product) }

    /// For products that sum over frames, [tiles, C].
    package func byFrame(_ product: Int = 0) -> ProductOperand { require(.frameSums, product) }

    private func require(_ use: Uses, _ product: Int) -> ProductOperand {
        guard let operand = operand(use, product) else {
            preconditionFailure("frames without a copy for sums")
        }
        return operand
    }

    private func operand(_ use: Uses, _ product: Int = 0) -> ProductOperand? {
        switch storage {
        case .float32(let frames): .float32(frames.product(product))
        case .bf16(let channelSums, let frameSums):
            (use == .channelSums ? channelSums : frameSums).map { .bf16($0[product]) }
        }
    }
}
