import CKernels
import Testing

/// Products and rounding touch nothing beside their matrices, and give the same bits wherever these lie: every matrix is
/// between pages that nobody may touch, and what they do not define is no number.
@Suite struct ProductGuardTests {
    typealias Size = BFloat16Tests.Case

    /// Those of the products' other tests, and more at the ends of blocks, pairs and panels.
    static let sizes =
        BFloat16Tests.cases + [
            Size(rows: 14, depth: 31, columns: 32), Size(rows: 16, depth: 33, columns: 31),
            Size(rows: 33, depth: 70, columns: 65), Size(rows: 70, depth: 1, columns: 70),
        ]

    /// Row-major, in memory of its own.
    private final class Matrix {
        let memory: GuardedMemory
        let view: vq_matrix

        init(_ rows: Int, _ columns: Int, seed: Int, _ placement: GuardedMemory.Placement) {
            let values = (0..<rows * columns).map { Float(($0 * 7919 + seed * 104_729) % 2003) / 1000 - 1 }
            memory = GuardedMemory(values.withUnsafeBytes { Array($0) }, elementSize: 4, placement)
            view = vq_matrix(
                base: memory.pointer.assumingMemoryBound(to: Float.self), row: columns, panel: Int(VQ_PANEL))
        }
    }

    /// Whole panels of pairs, all bits set before something is rounded to them.
    private final class Pairs {
        let memory: GuardedMemory
        let view: vq_pairs

        init(_ rows: Int, _ columns: Int, ofRows: Bool, _ placement: GuardedMemory.Placement) {
            let panels = (columns + Int(VQ_PANEL) - 1) / Int(VQ_PANEL)
            let row = ofRows ? Int(VQ_PANEL) : Int(VQ_PANEL) / 2
            let panel = (ofRows ? (rows + 1) / 2 : rows) * row
            memory = GuardedMemory(
                [UInt8](repeating: 0xFF, count: 4 * panels * panel), elementSize: 4, placement)
            view = vq_pairs(
                base: memory.pointer.assumingMemoryBound(to: UInt32.self), row: row, panel: panel)
        }
    }

    private func float(
        _ way: vq_instructions, _ size: Size, transposed: Bool, _ placement: GuardedMemory.Placement
    ) -> [UInt8] {
        let a =
            transposed
            ? Matrix(size.depth, size.rows, seed: 1, placement)
            : Matrix(size.rows, size.depth, seed: 1, placement)
        let b = Matrix(size.depth, size.columns, seed: 2, placement)
        let c = Matrix(size.rows, size.columns, seed: 3, placement)
        vq_product(
            way, a.view, transposed ? 1 : 0, b.view, c.view, size.rows, size.depth, size.columns, 1)
        return c.memory.bytes
    }

    private func rounded(
        _ way: vq_bfloat16_instructions, _ size: Size, transposed: Bool, _ placement: GuardedMemory.Placement
    ) -> [UInt8] {
        let (rows, depth, columns) = (size.rows, size.depth, size.columns)
        let x = transposed ? Matrix(depth, rows, seed: 1, placement) : Matrix(rows, depth, seed: 1, placement)
        let y = Matrix(depth, columns, seed: 2, placement)
        let a =
            transposed
            ? Pairs(depth, rows, ofRows: true, placement)
            : Pairs(rows, depth, ofRows: false, placement)
        let b = Pairs(depth, columns, ofRows: true, placement)
        if transposed {
            toPairs(way, x, a, rows: depth, columns: rows)
        } else {
            vq_round_to_rows(way, x.view, a.view, rows, depth)
        }
        toPairs(way, y, b, rows: depth, columns: columns)
        let c = Matrix(rows, columns, seed: 3, placement)
        vq_bfloat16_product(
            way, a.view, transposed ? 1 : 0, b.view, c.view, rows, (depth + 1) / 2, columns, 1)
        // And the other way to pairs of rows: of x transposed.
        let other = Pairs(x.view.row, transposed ? depth : rows, ofRows: true, placement)
        vq_round_transposed(way, x.view, other.view, transposed ? depth : rows, x.view.row)
        return c.memory.bytes + other.memory.bytes
    }

    private func toPairs(_ way: vq_bfloat16_instructions, _ x: Matrix, _ y: Pairs, rows: Int, columns: Int) {
        func from(_ row: Int) -> vq_matrix {
            vq_matrix(base: x.view.base + row * columns, row: 2 * columns, panel: x.view.panel)
        }
        if rows > 1 { vq_round_to_pairs(way, from(0), from(1), y.view, rows / 2, columns) }
        guard rows % 2 == 1 else { return }
        var last = y.view
        last.base += rows / 2 * last.row
        vq_round_to_pairs(way, from(rows - 1), vq_matrix(), last, 1, columns)
    }

    @Test(arguments: GuardedMemory.Placement.allCases.dropFirst(), [false, true])
    func floats(_ placement: GuardedMemory.Placement, transposed: Bool) {
        for way in [VQ_PORTABLE, VQ_AVX2, VQ_AVX512] where way.rawValue <= vq_widest_instructions().rawValue {
            for size in Self.sizes {
                #expect(
                    float(way, size, transposed: transposed, placement)
                        == float(way, size, transposed: transposed, .roomy), "\(way), \(size)")
            }
        }
    }

    @Test(arguments: GuardedMemory.Placement.allCases.dropFirst(), [false, true])
    func bfloat16(_ placement: GuardedMemory.Placement, transposed: Bool) {
        for way in BFloat16Tests.everyWay {
            for size in Self.sizes {
                let found = rounded(way, size, transposed: transposed, placement)
                #expect(found == rounded(way, size, transposed: transposed, .roomy), "\(way), \(size)")
                let sums = found.prefix(4 * size.rows * size.columns).withUnsafeBytes {
                    Array($0.bindMemory(to: Float.self))
                }
                #expect(sums.allSatisfy { $0.isFinite }, "\(way), \(size)")
            }
        }
    }
}
