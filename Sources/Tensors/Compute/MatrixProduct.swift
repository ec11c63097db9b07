import CKernels
import COpenBLAS

/// A row-major matrix inside some buffer. Rows may overlap: `stride` can be smaller than `columns`, which
/// is how a convolution's unfolded input is seen without a copy.
struct MatrixView {
    let pointer: UnsafeMutablePointer<Float>
    let rows: Int
    let columns: Int
    let stride: Int

    init(_ pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        (self.pointer, self.rows, self.columns) = (pointer, rows, columns)
        self.stride = stride ?? columns
    }

    func rows(_ range: Range<Int>) -> MatrixView {
        .init(pointer + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
    }

    func columns(_ range: Range<Int>) -> MatrixView {
        .init(pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
    }
}

/// C = A·B + β·C on the calling thread, A or B transposed on request (OpenBLAS sgemm).
func multiply(
    _ a: MatrixView, _ b: MatrixView, transposeA: Bool = false, transposeB: Bool = false, into c: MatrixView,
    beta: Float = 0
) {
    _ = singleThreadedBLAS
    let depth = transposeA ? a.rows : a.columns
    precondition(c.rows == (transposeA ? a.columns : a.rows))
    precondition(c.columns == (transposeB ? b.rows : b.columns))
    precondition(depth == (transposeB ? b.columns : b.rows))
    guard c.rows > 0, c.columns > 0 else { return }
    cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
        blasint(c.rows), blasint(c.columns), blasint(depth), 1, a.pointer, blasint(a.stride), b.pointer,
        blasint(b.stride), beta, c.pointer, blasint(c.stride))
}

/// C = A·B + β·C for a matrix A of a few dozen rows and columns, whose packing would cost BLAS more than the
/// product.
func multiplySmall(
    _ a: MatrixView, _ b: MatrixView, transposeA: Bool = false, into c: MatrixView, adding: Bool = false
) {
    let depth = transposeA ? a.rows : a.columns
    precondition(c.rows == (transposeA ? a.columns : a.rows) && depth == b.rows && c.columns == b.columns)
    vq_small_product(
        a.pointer, transposeA ? 1 : a.stride, transposeA ? a.stride : 1, b.pointer, b.stride, c.pointer,
        c.stride, c.rows, depth, c.columns, adding ? 1 : 0)
}

/// A matrix cut into blocks that are computed in parallel. Products with many rows to sum over (weight
/// gradients) are divided by their output and never by the sum, so their rounding is always the same.
struct OutputBlocks {
    private let rows: Tiling
    private let columns: [Range<Int>]

    /// - Parameter columns: ranges that blocks must not cross.
    init(rows: Int, columns: [Range<Int>]) {
        self.rows = Tiling(rows: rows, target: 256)
        self.columns = columns.flatMap { range in
            let tiles = Tiling(rows: range.count, target: 512)
            return (0..<tiles.count).map { tile in
                range.lowerBound + tiles[tile].lowerBound..<range.lowerBound + tiles[tile].upperBound
            }
        }
    }

    var count: Int { rows.count * columns.count }

    subscript(block: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        (rows[block / columns.count], columns[block % columns.count])
    }
}

/// Our tiles are the parallelism; see `Parallel`.
private let singleThreadedBLAS: Void = openblas_set_num_threads(1)
