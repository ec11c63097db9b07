import CKernels
import OperationSupport
import Tensors
import Testing

/// Rounding and products of bfloat16: plain C, and what this machine has beside it.
@Suite struct BFloat16Tests {
    /// Each way to multiply that this machine has, and what it must equal bit by bit. Where there is no AMX its code is
    /// run with tiles in plain C.
    private static var ways: [(vq_bfloat16_instructions, emulation: vq_bfloat16_instructions)] {
        let fastest = vq_fastest_bfloat16_instructions()
        let hardware = [
            (VQ_BFLOAT16_AVX512, VQ_BFLOAT16_EMULATED_AVX512), (VQ_BFLOAT16_AMX, VQ_BFLOAT16_EMULATED_AMX),
        ].filter { $0.0.rawValue <= fastest.rawValue }
        return hardware + [(VQ_BFLOAT16_PLAIN_TILES, VQ_BFLOAT16_EMULATED_AMX)]
    }

    static let everyWay =
        ways.map(\.0) + [VQ_BFLOAT16_EMULATED_AVX512, VQ_BFLOAT16_EMULATED_AMX]

    /// Of 16 values with each upper half.
    @Test(arguments: everyWay.indices) func roundingIsToNearestEven(way: Int) {
        let lower: [UInt32] = [0, 1, 0x1234, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0xffff]
        let x = Tensor(uninitialized: [1 << 16, lower.count])
        for index in 0..<x.count {
            let bits = UInt32(index / lower.count) << 16 | lower[index % lower.count]
            x.pointer[index] = Float(bitPattern: bits)
        }
        let columns = lower.count
        let rounded = Pairs(rows: 1 << 16, columns: columns, ofRows: false)
        vq_round_to_rows(
            Self.everyWay[way], vq_matrix(base: x.pointer, row: columns, panel: Int(VQ_PANEL)),
            rounded.matrix,
            1 << 16, columns)
        let wrong = (0..<x.count).filter { index in
            let (row, column) = (index / columns, index % columns)
            return rounded[row, column] != Self.nearest(x.pointer[index])
        }
        #expect(wrong.isEmpty, "\(wrong.count), first \(wrong.first.map { x.pointer[$0] } ?? 0)")
    }

    /// By its definition: NaN stays so, what is no normal number becomes zero, and of both neighbours the nearer one, or
    /// the even one.
    private static func nearest(_ x: Float) -> UInt16 {
        let upper = UInt16(x.bitPattern >> 16)
        if x.isNaN { return upper | 0x40 }
        if !x.isNormal { return x.isInfinite ? upper : upper & 0x8000 }
        let (below, above) = (value(upper), value(upper &+ 1))
        // Beyond the largest number is twice the largest power of two.
        let next = above.isInfinite ? (x < 0 ? -0x1p128 : 0x1p128) : Double(above)
        let (left, right) = (abs(Double(x) - Double(below)), abs(next - Double(x)))
        if left == right { return upper & 1 == 0 ? upper : upper &+ 1 }
        return left < right ? upper : upper &+ 1
    }

    private static func value(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// A transform that rounds in registers gives what a product of float32 gives that is rounded then.
    @Test(arguments: [1, 2, 5, 14, 17], [1, 2, 7, 64])
    func transformsAreRounded(products: Int, rows: Int) {
        let (terms, width) = (3 + rows % 5, Int(VQ_PANEL))
        let transform = Tensor.random([products, terms], 1)
        let x = Tensor.random([terms, rows * width], 2)
        let sums = Tensor(uninitialized: [products, rows * width])
        multiplyUnpacked(
            MatrixView(transform.pointer, rows: products, columns: terms),
            MatrixView(x.pointer, rows: terms, columns: rows * width),
            into: MatrixView(sums.pointer, rows: products, columns: rows * width))
        let bits = sums.rounded.values.map { $0.bitPattern >> 16 }
        for way in Self.everyWay {
            let pairs = (rows + 1) / 2
            let y = Tensor(zeros: [products, pairs * width])
            vq_transform_to_pairs(
                way, vq_matrix(base: transform.pointer, row: terms, panel: width),
                vq_matrix(base: x.pointer, row: rows * width, panel: width),
                vq_pairs(
                    base: UnsafeMutableRawPointer(y.pointer).assumingMemoryBound(to: UInt32.self),
                    row: pairs * width, panel: width), products, terms, rows)
            let isSame = (0..<y.count).allSatisfy { place in
                let (product, pair, column) = (
                    place / (pairs * width), place / width % pairs, place % width
                )
                func value(_ row: Int) -> UInt32 {
                    row < rows ? bits[(product * rows + row) * width + column] : 0
                }
                return y.pointer[place].bitPattern == value(2 * pair) | value(2 * pair + 1) << 16
            }
            // Without FMA a product of float32 rounds otherwise.
            #expect(isSame || vq_widest_instructions() == VQ_PORTABLE, "\(way)")
        }
    }

    struct Case: Sendable {
        let rows, depth, columns: Int
    }

    /// All small shapes, and those that end within blocks, panels and long sums.
    static let cases: [Case] =
        (1...17).map { Case(rows: $0, depth: 2 * $0 % 7 + 1, columns: 3 * $0 % 35 + 1) } + [
            Case(rows: 1, depth: 1, columns: 1), Case(rows: 13, depth: 31, columns: 32),
            Case(rows: 14, depth: 32, columns: 33), Case(rows: 15, depth: 33, columns: 16),
            Case(rows: 47, depth: 70, columns: 24), Case(rows: 33, depth: 64, columns: 64),
            Case(rows: 70, depth: 512, columns: 65), Case(rows: 29, depth: 1101, columns: 40),
        ]

    @Test(arguments: cases, [false, true])
    func productsAreThoseOfTheEmulation(_ c: Case, transposed: Bool) {
        let (a, b) = (Tensor.random([c.rows, c.depth], 1), Tensor.random([c.depth, c.columns], 2))
        // Zeros of both signs, numbers too small and too large for float32, and none.
        let special: [Float] = [
            0, -0, .leastNormalMagnitude / 8, -1e-30, 1e-20, 3e38, -2e19, .infinity, .nan,
        ]
        for isSpecial in [false, true] {
            if isSpecial {
                for (index, value) in special.enumerated() where 5 * index < a.count {
                    a.pointer[5 * index] = value
                    b.pointer[7 * index % b.count] = value
                }
            }
            let before = Tensor.random([c.rows, c.columns], 3)
            for adding in [false, true] {
                func product(_ way: vq_bfloat16_instructions) -> [Float] {
                    self.product(way, a, b, into: before, transposed: transposed, adding: adding)
                }
                for (way, emulation) in Self.ways {
                    let (hardware, emulated) = (product(way), product(emulation))
                    let same = zip(hardware, emulated).allSatisfy {
                        $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
                    }
                    #expect(same, "\(way), adding: \(adding), special: \(isSpecial)")
                }
                guard !isSpecial else { continue }
                for way in Self.everyWay {
                    let worst = worstError(product(way), a, b, adding ? before : nil)
                    #expect(worst < 1, "\(way), adding: \(adding): \(worst) of the bound")
                }
            }
        }
    }

    private func product(
        _ way: vq_bfloat16_instructions, _ a: Tensor, _ b: Tensor, into before: Tensor, transposed: Bool,
        adding: Bool
    ) -> [Float] {
        let (rows, depth, columns) = (a.shape[0], a.shape[1], b.shape[1])
        func matrix(_ x: Tensor, row: Int = 0, step: Int = 1) -> vq_matrix {
            vq_matrix(
                base: x.pointer + row * x.shape[1], row: step * x.shape[1], panel: Int(VQ_PANEL))
        }
        let left =
            transposed
            ? Pairs(rows: depth, columns: rows, ofRows: true)
            : Pairs(rows: rows, columns: depth, ofRows: false)
        if transposed {
            vq_round_transposed(way, matrix(a), left.matrix, rows, depth)
        } else {
            vq_round_to_rows(way, matrix(a), left.matrix, rows, depth)
        }
        let right = Pairs(rows: depth, columns: columns, ofRows: true)
        vq_round_to_pairs(
            way, matrix(b, step: 2), matrix(b, row: 1, step: 2), right.matrix, depth / 2, columns)
        if depth % 2 == 1 {
            var last = right.matrix
            last.base += depth / 2 * last.row
            vq_round_to_pairs(way, matrix(b, row: depth - 1), vq_matrix(), last, 1, columns)
        }
        let c = before.copy()
        vq_bfloat16_product(
            way, left.matrix, transposed ? 1 : 0, right.matrix, matrix(c), rows, (depth + 1) / 2, columns,
            adding ? 1 : 0)
        return c.values
    }

    /// The largest error by what rounding of sums explains, in double precision, of operands that are rounded.
    private func worstError(_ result: [Float], _ a: Tensor, _ b: Tensor, _ before: Tensor?) -> Double {
        let (x, y, start) = (a.rounded.doubles, b.rounded.doubles, before?.doubles)
        let (depth, columns) = (a.shape[1], b.shape[1])
        var worst = 0.0
        for place in result.indices {
            let (row, column) = (place / columns, place % columns)
            let terms = (0..<depth).map { x[row * depth + $0] * y[$0 * columns + column] }
            let sum = terms.reduce(start?[place] ?? 0, +)
            let size = terms.reduce(abs(start?[place] ?? 0)) { $0 + abs($1) }
            let bound = Double(min(depth, 512) + 4) * 0x1p-24 * size
            worst = max(worst, abs(Double(result[place]) - sum) / bound)
        }
        return worst
    }
}

/// Memory of a matrix of pairs.
private struct Pairs {
    private let values: Tensor
    private let ofRows: Bool
    private let rowStride, panelStride: Int

    init(rows: Int, columns: Int, ofRows: Bool) {
        self.ofRows = ofRows
        let panels = (columns + Int(VQ_PANEL) - 1) / Int(VQ_PANEL)
        rowStride = ofRows ? Int(VQ_PANEL) : Int(VQ_PANEL) / 2
        panelStride = (ofRows ? (rows + 1) / 2 : rows) * rowStride
        values = Tensor(zeros: [panels * panelStride])
    }

    var matrix: vq_pairs {
        vq_pairs(
            base: UnsafeMutableRawPointer(values.pointer).assumingMemoryBound(to: UInt32.self),
            row: rowStride,
            panel: panelStride)
    }

    /// Of pairs of columns.
    subscript(row: Int, column: Int) -> UInt16 {
        let pair = values.pointer[row * rowStride + column / 2].bitPattern
        return UInt16(truncatingIfNeeded: column % 2 == 0 ? pair : pair >> 16)
    }
}
