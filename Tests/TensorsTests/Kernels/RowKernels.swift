import CKernels
import Foundation

/// Three rows of a length.
private let height = 3

/// Kernels over the rows of a matrix.
let rowKernels: [KernelCase] = [
    KernelCase(
        "vq_column_sums", arrays: { [.random(height * ($0 + 1), 1), .doubles(column($0, 2))] },
        do: { vq_column_sums($0[0], height, $1 + 1, $1, $0.doubles(1)) },
        expected: { before, n in
            var sums = before[1]
            for r in 0..<height { for c in 0..<n { sums[c] += before[0][r * (n + 1) + c] } }
            return [1: sums]
        }),
    KernelCase(
        "vq_row_products", arrays: { [.random(height * $0, 1), .random(height * $0, 2), .zeros(height)] },
        do: { vq_row_products($0[0], $0[1], height, $1, $1, $0[2]) },
        expected: { before, n in
            [2: zip(rows(before[0], n), rows(before[1], n)).map { dot($0, $1) }]
        }),
    KernelCase(
        "vq_softmax_rows",
        arrays: { [.random(height * $0, 1), .random(height * $0, 2), .zeros(height * $0)] },
        do: { vq_softmax_rows($0[0], $0[1], $0[2], height, $1, 1.5) },
        expected: { before, n in
            [2: rows(zip(before[0], before[1]).map { $0 + $1 }, n).flatMap { softmax($0, 1.5) }]
        }),
    KernelCase(
        "vq_softmax_rows without noise", arrays: { [.random(height * $0, 1), .zeros(height * $0)] },
        do: { vq_softmax_rows($0[0], nil, $0[1], height, $1, 1.5) },
        expected: { before, n in [1: rows(before[0], n).flatMap { softmax($0, 1.5) }] }),
    KernelCase(
        "vq_softmax_backward_rows",
        arrays: { [.random(height * $0, 1), .random(height * $0, 2), .zeros(height * $0)] },
        do: { vq_softmax_backward_rows($0[0], $0[1], $0[2], height, $1, 0.5) },
        expected: { before, n in
            var dx: [Double] = []
            for (p, dp) in zip(rows(before[0], n), rows(before[1], n)) {
                let mean = dot(p, dp)
                for (a, b) in zip(p, dp) { dx.append(0.5 * a * (b - mean)) }
            }
            return [2: dx]
        }),
    // No row is empty.
    KernelCase(
        "vq_argmax_rows",
        arrays: {
            [.random(height * max($0, 1), 1), .random(height * max($0, 1), 2), .integers([7, 7, 7])]
        },
        do: { vq_argmax_rows($0[0], $0[1], $0.integers(2), height, max($1, 1)) },
        expected: { before, n in
            [
                2: rows(zip(before[0], before[1]).map { $0 + $1 }, max(n, 1)).map { row in
                    Double(first(row, max(row)))
                }
            ]
        }),
    KernelCase(
        "vq_nearest_rows",
        arrays: { [.random(height * $0, 1), .random($0, 2), .integers([7, 7, 7])] },
        do: { vq_nearest_rows($0[0], $0[1], $0.integers(2), height, $1) },
        expected: { before, n in
            let nearest = rows(before[0], n).map { row -> Double in
                let distances = zip(row, before[1]).map { product, norm in norm - 2 * product }
                return Double(first(distances, distances.min() ?? 0))
            }
            return [2: nearest]
        }),
    KernelCase(
        "vq_attention_weights",
        arrays: { n in
            [
                .random(height * (n + 1), 1), .floats([-.infinity, 1, 9]), .floats([0, 2, 3]), .zeros(height),
            ]
        },
        do: { vq_attention_weights($0[0], height, $1, $1 + 1, 0.5, $0[1], $0[2], $0[3]) },
        expected: { before, n in
            // Where there is neither a key nor an earlier one nothing is defined.
            guard n > 0 else { return [:] }
            var (s, top, sum, factor) = (before[0], [Double](), [Double](), [Double]())
            for r in 0..<height {
                let row = r * (n + 1)..<r * (n + 1) + n
                top.append(Swift.max(before[1][r], max(before[0][row].map { $0 * 0.5 })))
                factor.append(exp(before[1][r] - top[r]))
                for i in row { s[i] = exp(s[i] * 0.5 - top[r]) }
                sum.append(before[2][r] * factor[r] + s[row].reduce(0, +))
            }
            return [0: s, 1: top, 2: sum, 3: factor]
        }),
    KernelCase(
        "vq_attention_gradient",
        arrays: {
            [
                .random(height * $0, 1), .random(height * $0, 2), .random(height * $0, 3), .random(height, 4),
                .random(height, 5),
            ]
        },
        do: { vq_attention_gradient($0[0], $0[1], $0[2], height, $1, $1, 0.5, $0[3], $0[4]) },
        expected: { before, n in
            var (s, dp) = ([Double](), [Double]())
            for i in before[0].indices {
                let (p, mask) = (exp(before[0][i] * 0.5 - before[3][i / n]), before[2][i])
                s.append(p * mask)
                dp.append(p * (before[1][i] * mask - before[4][i / n]) * 0.5)
            }
            return [0: s, 1: dp]
        }),
    // A row has one logit at least, the true one.
    KernelCase(
        "vq_binary_loss", arrays: { [.random(height * ($0 + 1), 1), .zeros(height * ($0 + 1))] },
        call: { vq_binary_loss($0[0], $0[1], height, $1 + 1, 0.5) },
        expected: { before, n in
            var (loss, gradient) = (0.0, [Double]())
            for (i, x) in before[0].enumerated() {
                let (weight, truth) = i % (n + 1) == 0 ? (1.0, 1.0) : (0.5, 0.0)
                loss += weight * (log1p(exp(x)) - x * truth)
                gradient.append(weight * (1 / (1 + exp(-x)) - truth))
            }
            return [-1: [loss], 1: gradient]
        }),
    KernelCase(
        "vq_softmax_loss", arrays: { [.random(height * ($0 + 1), 1), .zeros(height * ($0 + 1))] },
        call: { vq_softmax_loss($0[0], $0[1], height, $1 + 1) },
        expected: { before, n in
            let p = rows(before[0], n + 1).map { softmax($0, 1) }
            let gradient = p.flatMap { row in row.enumerated().map { $1 - ($0 == 0 ? 1 : 0) } }
            return [-1: [p.reduce(0) { $0 - log($1[0]) }], 1: gradient]
        }),
    KernelCase(
        "vq_dot_products", arrays: { [.random(2 * $0, 1), .random(7 * $0, 2), .zeros(14)] },
        do: { vq_dot_products($0.rows(0, 2, of: $1), 2, $0.rows(1, 7, of: $1), 7, $1, $0[2]) },
        expected: { before, n in
            var products: [Double] = []
            for a in 0..<2 {
                for b in 0..<7 {
                    products.append(dot(before[0][a * n..<(a + 1) * n], before[1][b * n..<(b + 1) * n]))
                }
            }
            return [2: products]
        }),
    KernelCase(
        "vq_add_weighted_rows", arrays: { [.random($0, 1), .random(7 * $0, 2), .random(14, 3)] },
        do: { vq_add_weighted_rows($0[0], $0.rows(1, 7, of: $1), $0[2], 2, 7, $1) },
        expected: { before, n in
            var sums = before[0]
            for row in 0..<7 { for j in 0..<n { sums[j] += before[2][2 * row] * before[1][row * n + j] } }
            return [0: sums]
        }),
]

func column(_ n: Int, _ number: Int) -> [Double] { KernelArray.values(n, number).map(Double.init) }

func rows(_ values: [Double], _ n: Int) -> [[Double]] {
    (0..<height).map { Array(values[$0 * n..<($0 + 1) * n]) }
}

func dot(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

private func max(_ values: [Double]) -> Double { values.max() ?? -.infinity }

private func first(_ values: [Double], _ value: Double) -> Int { values.firstIndex(of: value) ?? 0 }

private func softmax(_ row: [Double], _ scale: Double) -> [Double] {
    let powers = row.map { exp(($0 - max(row)) * scale) }
    return powers.map { $0 / powers.reduce(0, +) }
}
