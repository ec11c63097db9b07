import CKernels
import COpenBLAS

/// C = A·B + β·C on the calling thread, A or B transposed on request (OpenBLAS sgemm).
package func multiply(
    _ a: MatrixView, _ b: MatrixView, transposeA: Bool = false, transposeB: Bool = false, into c: MatrixView,
    beta: Float = 0
) {
    _ = singleThreadedBLAS
    let depth = transposeA ? a.rows : a.columns
    precondition(
        c.rows == (transposeA ? a.columns : a.rows) && c.columns == (transposeB ? b.rows : b.columns)
            && depth == (transposeB ? b.columns : b.rows),
        "matrices do not fit: \(a.size), \(b.size), \(c.size)")
    precondition([a, b, c].allSatisfy(\.hasContiguousRows), "BLAS needs contiguous rows")
    guard c.rows > 0, c.columns > 0 else { return }
    cblas_sgemm(
        CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
        blasint(c.rows), blasint(c.columns), blasint(depth), 1, a.pointer, blasint(a.stride), b.pointer,
        blasint(b.stride), beta, c.pointer, blasint(c.stride))
}

/// C = A·B, or C + A·B, on the calling thread, A transposed on request, with operands read where they lie:
/// faster than `multiply` where B is a panel of few columns, or A has few rows, so that BLAS would spend its
/// time on packing.
package func multiplyUnpacked(
    _ a: MatrixView, _ b: MatrixView, transposeA: Bool = false, into c: MatrixView, adding: Bool = false
) {
    let depth = transposeA ? a.rows : a.columns
    precondition(
        c.rows == (transposeA ? a.columns : a.rows) && depth == b.rows && c.columns == b.columns,
        "matrices do not fit: \(a.size), \(b.size), \(c.size)")
    vq_product(
        widestInstructions, a.operand, transposeA ? 1 : 0, b.operand, c.operand, c.rows, depth, c.columns,
        adding ? 1 : 0)
}

private let widestInstructions = vq_widest_instructions()

extension MatrixView {
    var operand: vq_matrix { vq_matrix(base: pointer, row: stride, panel: panelStride) }
}

/// Our tiles are the parallelism; see `Parallel`.
private let singleThreadedBLAS: Void = openblas_set_num_threads(1)
