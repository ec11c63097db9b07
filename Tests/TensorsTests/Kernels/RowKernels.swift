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
            [1: (0..<n).map { c in before[1][c] + (0..<height).reduce(0) { $0 + before[0][$1 * (n + 1) + c] } }]
        }),
    KernelCase(
        "vq_row_products", arrays: { [.random(height * $0, 1), .random(height * $0, 2), .zeros(height)] },
        do: { vq_row_products($0[0], $0[1], height, $1, $1, $0[2]) },
        expected: { before, n in
            [2: rows(before[0], n).indices.map { dot(rows(before[0], n)[$0], rows(before[1], n)[$0]) }]
        }),
    KernelCase(
        "vq_softmax_rows", arrays: { [.random(height * $0, 1), .random(height * $0, 2), .zeros(height * $0)] },
        do: { vq_softmax_rows($0[0], $0[1], $0[2], height, $1, 1.5) },
        expected: { before, n in [2: rows(zip(before[0], before[1]).map(+), n).flatMap { softmax($0, 1.5) }] }),
    KernelCase(
        "vq_softmax_rows without noise", arrays: { [.random(height * $0, 1), .zeros(height * $0)] },
        do: { vq_softmax_rows($0[0], nil, $0[1], height, $1, 1.5) },
        expected: { before, n in [1: rows(before[0], n).flatMap { softmax($0, 1.5) }] }),
    KernelCase(
        "vq_softmax_backward_rows",
        arrays: { [.random(height * $0, 1), .random(height * $0, 2), .zeros(height * $0)] },
        do: { vq_softmax_backward_rows($0[0], $0[1], $0[2], height, $1, 0.5) },
        expected: { before, n in
            let pairs = zip(rows(before[0], n), rows(before[1], n))
            return [2: pairs.flatMap { p, dp in zip(p, dp).map { 0.5 * $0 * ($1 - dot(p, dp)) } }]
        }),
    // No row is empty.
    KernelCase(
        "vq_argmax_rows",
        arrays: { [.random(height * max($0, 1), 1), .random(height * max($0, 1), 2), .integers([7, 7, 7])] },
        do: { vq_argmax_rows($0[0], $0[1], $0.integers(2), height, max($1, 1)) },
        expected: { before, n in
            [2: rows(zip(before[0], before[1]).map(+), max(n, 1)).map { row in Double(first(row, max(row))) }]
        }),
    KernelCase(
        "vq_nearest_rows",
        arrays: { [.random(height * $0, 1), .random($0, 2), .integers([7, 7, 7])] },
        do: { vq_nearest_rows($0[0], $0[1], $0.integers(2), height, $1) },
        expected: { before, n in
            [
                2: rows(before[0], n).map { row in
                    let distances = zip(row, before[1]).map { $1 - 2 * $0 }
                    return distances.isEmpty ? 0 : Double(first(distances, -max(distances.map { -$0 })))
                }
            ]
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
        arrays: { [.random(height * $0, 1), .random(height * $0, 2), .random(height * $0, 3), .random(height, 4), .random(height, 5)] },
        do: { vq_attention_gradient($0[0], $0[1], $0[2], height, $1, $1, 0.5, $0[3], $0[4]) },
        expected: { before, n in
            let p = before[0].indices.map { exp(before[0][$0] * 0.5 - before[3][$0 / n]) }
            return [
                0: p.indices.map { p[$0] * before[2][$0] },
                1: p.indices.map { p[$0] * (before[1][$0] * before[2][$0] - before[4][$0 / n]) * 0.5 },
            ]
        }),
    // A row has one logit at least, the true one.
    KernelCase(
        "vq_binary_loss", arrays: { [.random(height * ($0 + 1), 1), .zeros(height * ($0 + 1))] },
        call: { vq_binary_loss($0[0], $0[1], height, $1 + 1, 0.5) },
        expected: { before, n in
            let weights = before[0].indices.map { $0 % (n + 1) == 0 ? 1 : 0.5 }
            let truths = before[0].indices.map { $0 % (n + 1) == 0 ? 1.0 : 0 }
            let losses = before[0].indices.map {
                weights[$0] * (log1p(exp(before[0][$0])) - before[0][$0] * truths[$0])
            }
            let gradient = before[0].indices.map { weights[$0] * (1 / (1 + exp(-before[0][$0])) - truths[$0]) }
            return [-1: [losses.reduce(0, +)], 1: gradient]
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
            [2: (0..<14).map { dot(before[0][($0 / 7) * n..<($0 / 7 + 1) * n], before[1][($0 % 7) * n..<($0 % 7 + 1) * n]) }]
        }),
    KernelCase(
        "vq_add_weighted_rows", arrays: { [.random($0, 1), .random(7 * $0, 2), .random(14, 3)] },
        do: { vq_add_weighted_rows($0[0], $0.rows(1, 7, of: $1), $0[2], 2, 7, $1) },
        expected: { before, n in
            [0: (0..<n).map { j in before[0][j] + (0..<7).reduce(0) { $0 + before[2][2 * $1] * before[1][$1 * n + j] } }]
        }),
]

func column(_ n: Int, _ number: Int) -> [Double] { KernelArray.values(n, number).map(Double.init) }

func rows(_ values: [Double], _ n: Int) -> [[Double]] {
    (0..<height).map { Array(values[$0 * n..<($0 + 1) * n]) }
}

func dot(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

private func max(_ values: [Double]) -> Double { values.max() ?? -.infinity }

private func first(_ values: [Double], _ value: Double) -> Int { values.firstIndex(of: value) ?? 0 }

private func softmax(_ row: [Double], _ scale: Double) -> [Double] {
    let powers = row.map { exp(($0 - max(row)) * scale) }
    return powers.map { $0 / powers.reduce(0, +) }
}
