/// Some matrices, [count, rows, columns], with a gap behind each: the same element of all of them is used
/// together, and what lies powers of two apart would share a few sets of the cache.
package struct SpacedMatrices {
    package let rows: Int
    package let columns: Int
    private let values: Tensor

    /// Values are not set.
    package init(count: Int, rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        values = Tensor(uninitialized: [count, rows * columns + 48])
    }

    package subscript(index: Int) -> MatrixView {
        MatrixView(values.pointer + index * values.shape[1], rows: rows, columns: columns)
    }

    /// Each as one row, [count, rows · columns].
    package var flat: MatrixView {
        MatrixView(values.pointer, rows: values.shape[0], columns: rows * columns, stride: values.shape[1])
    }

    /// Row `index` of each, [count, columns].
    package func row(_ index: Int) -> MatrixView {
        MatrixView(
            values.pointer + index * columns, rows: values.shape[0], columns: columns,
            stride: values.shape[1])
    }
}
