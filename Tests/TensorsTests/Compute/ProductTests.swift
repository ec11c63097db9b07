import CKernels
import OperationSupport
import Tensors
import Testing

/// `vq_product` alone: every instruction set that this machine has, every layout of its operands.
@Suite("Products read where operands lie") struct ProductTests {
    struct Case: Sendable {
        let rows, depth, columns: Int
    }

    static let cases: [Case] = [
        Case(rows: 1, depth: 1, columns: 1), Case(rows: 2, depth: 3, columns: 7),
        Case(rows: 13, depth: 31, columns: 32), Case(rows: 14, depth: 32, columns: 33),
        Case(rows: 15, depth: 33, columns: 16), Case(rows: 47, depth: 70, columns: 24),
        Case(rows: 70, depth: 512, columns: 64), Case(rows: 33, depth: 513, columns: 40),
        Case(rows: 29, depth: 1100, columns: 95),
    ]

    @Test(arguments: cases, 0..<16)
    func isTheSum(_ c: Case, layout: Int) {
        let (panelA, panelB, panelC, transposed) = (
            layout & 1 == 1, layout & 2 == 2, layout & 4 == 4, layout & 8 == 8
        )
        let a =
            transposed
            ? Operand(rows: c.depth, columns: c.rows, inPanels: panelA, number: 1)
            : Operand(rows: c.rows, columns: c.depth, inPanels: panelA, number: 1)
        let b = Operand(rows: c.depth, columns: c.columns, inPanels: panelB, number: 2)
        let before = Operand(rows: c.rows, columns: c.columns, inPanels: panelC, number: 3)
        var results: [vq_instructions: [Float]] = [:]
        for instructions in Self.instructionSets {
            for adding in [false, true] {
                let result = Operand(copying: before)
                vq_product(
                    instructions, a.matrix, transposed ? 1 : 0, b.matrix, result.matrix, c.rows, c.depth,
                    c.columns, adding ? 1 : 0)
                let worst = worstError(result, before: adding ? before : nil) { row, column in
                    (0..<c.depth).map { k in
                        (transposed ? a[k, row] : a[row, k], b[k, column])
                    }
                }
                #expect(worst < 1, "\(instructions), adding: \(adding): \(worst) of the bound")
                #expect(result.untouchedAreStill(before))
                if adding { results[instructions] = result.storage.values }
            }
        }
        // NaN marks what is no element, and differs from itself.
        if let narrow = results[VQ_AVX2], let wide = results[VQ_AVX512] {
            #expect(narrow.map(\.bitPattern) == wide.map(\.bitPattern), "the same bits")
        }
    }

    private static var instructionSets: [vq_instructions] {
        [VQ_PORTABLE, VQ_AVX2, VQ_AVX512].filter { $0.rawValue <= vq_widest_instructions().rawValue }
    }

    /// The largest error by what rounding explains: a sum of n terms, each of its steps off by 2⁻²⁴ at most.
    private func worstError(
        _ result: Operand, before: Operand?, terms: (_ row: Int, _ column: Int) -> [(Double, Double)]
    ) -> Double {
        var worst = 0.0
        for row in 0..<result.rows {
            for column in 0..<result.columns {
                let terms = terms(row, column)
                let start = before?[row, column] ?? 0
                let sum = terms.reduce(start) { $0 + $1.0 * $1.1 }
                let size = terms.reduce(abs(start)) { $0 + abs($1.0 * $1.1) }
                let bound = Double(min(terms.count, 512) + 4) * 0x1p-24 * size
                worst = max(worst, abs(result[row, column] - sum) / bound)
            }
        }
        return worst
    }
}

/// A matrix with gaps of NaN between its rows and panels.
private struct Operand {
    let rows, columns: Int
    let storage: Tensor
    private let rowStride, panelStride: Int

    init(rows: Int, columns: Int, inPanels: Bool, number: Int) {
        (self.rows, self.columns) = (rows, columns)
        let width = Int(VQ_PANEL)
        let panels = (columns + width - 1) / width
        rowStride = inPanels ? width + 3 : panels * width + 3
        panelStride = inPanels ? rows * rowStride + 5 : width
        storage = Tensor(uninitialized: [inPanels ? panels * panelStride : rows * rowStride])
        storage.fill(.nan)
        let values = Tensor.random([rows, columns], number)
        for row in 0..<rows {
            for column in 0..<columns {
                storage.pointer[place(row, column)] = values.pointer[row * columns + column]
            }
        }
    }

    init(copying other: Operand) {
        (rows, columns) = (other.rows, other.columns)
        (rowStride, panelStride) = (other.rowStride, other.panelStride)
        storage = other.storage.copy()
    }

    private func place(_ row: Int, _ column: Int) -> Int {
        row * rowStride + column / Int(VQ_PANEL) * panelStride + column % Int(VQ_PANEL)
    }

    subscript(row: Int, column: Int) -> Double { Double(storage.pointer[place(row, column)]) }

    var matrix: vq_matrix { vq_matrix(base: storage.pointer, row: rowStride, panel: panelStride) }

    /// Nothing but elements was written.
    func untouchedAreStill(_ before: Operand) -> Bool {
        (0..<storage.count).allSatisfy { !before.storage.pointer[$0].isNaN || storage.pointer[$0].isNaN }
    }
}
