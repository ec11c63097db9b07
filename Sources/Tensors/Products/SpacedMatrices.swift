/// Some matrices, [count, rows, columns], with a gap behind each: the same element of all of them is used
/// together, and what lies powers of two apart would share a few sets of the cache.
package struct SpacedMatrices: Sendable {
    package let rows: Int
    package let columns: Int
    private let values: Tensor
    /// Of `values`, where this begins.
    private let first: Int

    /// Values are not set.
    package init(count: Int, rows: Int, columns: Int) {
        (self.rows, self.columns) = (rows, columns)
        values = Tensor(uninitialized: [count, rows * columns + 48])
        first = 0
    }

    private init(_ matrices: SpacedMatrices, from first: Int) {
        (rows, columns, values) = (matrices.rows, matrices.columns, matrices.values)
        self.first = matrices.first + first
    }

    /// The same memory from one of them on.
    package func suffix(from index: Int) -> SpacedMatrices { SpacedMatrices(self, from: index) }

    private var base: UnsafeMutablePointer<Float> { values.pointer + first * values.shape[1] }
    private var count: Int { values.shape[0] - first }

    package subscript(index: Int) -> MatrixView {
        MatrixView(base + index * values.shape[1], rows: rows, columns: columns)
    }

    /// Each as one row, [count, rows · columns].
    package var flat: MatrixView {
        MatrixView(base, rows: count, columns: rows * columns, stride: values.shape[1])
    }

    /// Row `index` of each, [count, columns].
    package func row(_ index: Int) -> MatrixView {
        MatrixView(
            base + index * columns, rows: count, columns: columns,
            stride: values.shape[1])
    }
}
