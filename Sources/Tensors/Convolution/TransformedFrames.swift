/// Frames of some tiles as a bilinear algorithm multiplies them, [R, tiles, C].
struct TransformedFrames {
    private let values: Tensor

    init(products: Int, tiles: Int, channels: Int) {
        values = Tensor(uninitialized: [products, tiles, channels])
    }

    var tiles: Int { values.shape[1] }
    private var channels: Int { values.shape[2] }

    /// [tiles, C].
    func product(_ index: Int) -> MatrixView {
        MatrixView(values.pointer + index * tiles * channels, rows: tiles, columns: channels)
    }

    /// [R, C].
    func tile(_ index: Int) -> MatrixView {
        MatrixView(
            values.pointer + index * channels, rows: values.shape[0], columns: channels,
            stride: tiles * channels)
    }
}
