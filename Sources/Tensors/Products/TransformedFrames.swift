/// Frames of some tiles as a bilinear algorithm multiplies them, [R, tiles, C], channels in panels: a product
/// reads the frames of a panel one after the other.
package struct TransformedFrames: Sendable {
    private let values: Tensor
    package let products: Int
    package let tiles: Int
    private let channels: Int
    private let panelStride: Int

    /// Values are not set.
    package init(products: Int, tiles: Int, channels: Int) {
        (self.products, self.tiles, self.channels) = (products, tiles, channels)
        panelStride = tiles * Panels.width + Self.gap
        let panels = Panels(columns: channels).count
        values = Tensor(uninitialized: [products, panels * panelStride + Self.gap])
    }

    /// A copy of a matrix [rows, C], as a transform of one product would be.
    package init(copying matrix: MatrixView) {
        self.init(products: 1, tiles: matrix.rows, channels: matrix.columns)
        let (copy, panels, panelStride) = (product(0), Panels(columns: matrix.columns), panelStride)
        Parallel.forEachTile(rows: matrix.rows, target: max(1, elementTile / matrix.columns)) { _, rows in
            for row in rows {
                for panel in 0..<panels.count {
                    let target = copy.pointer + panel * panelStride + row * Panels.width
                    let source = matrix.pointer + row * matrix.stride + panel * Panels.width
                    target.update(from: source, count: panels[panel].count)
                }
            }
        }
    }

    /// [tiles, C].
    package func product(_ index: Int) -> MatrixView {
        MatrixView(
            values.pointer + index * values.shape[1], rows: tiles, columns: channels, stride: Panels.width,
            panelStride: panelStride)
    }

    /// [R, C].
    package func tile(_ index: Int) -> MatrixView {
        MatrixView(
            values.pointer + index * Panels.width, rows: products, columns: channels,
            stride: values.shape[1], panelStride: panelStride)
    }

    /// What lay powers of two apart would share a few sets of the cache.
    private static let gap = 16
}
