import CKernels
import Foundation

private let height = 3
private let gelu = Int32(VQ_GELU)

/// Norms, of three frames with a number of channels.
let normKernels: [KernelCase] = [
    KernelCase(
        "vq_moments", arrays: { [.random(height * ($0 + 1), 1), .doubles([0.5]), .doubles([0.25])] },
        do: { vq_moments($0[0], height, $1 + 1, $1, $0.doubles(1), $0.doubles(2)) },
        expected: { before, n in
            let values = rows(before[0], n + 1).flatMap { $0.prefix(n) }
            return [1: [0.5 + values.reduce(0, +)], 2: [0.25 + dot(values, values)]]
        }),
    KernelCase(
        "vq_scale_shift_activate",
        arrays: {
            [
                .random(height * $0, 1), .zeros(height * $0), .random($0, 2), .random($0, 3),
                .random(height * ($0 + 1), 4),
            ]
        },
        do: { vq_scale_shift_activate($0[0], $0[1], height, $1, $0[2], $0[3], gelu, $0[4], $1 + 1, 0.7) },
        expected: { before, n in
            [
                1: before[0].indices.map { i in
                    let y = activation(gelu, before[0][i] * before[2][i % n] + before[3][i % n])
                    return (y + before[4][i / n * (n + 1) + i % n]) * 0.7
                }
            ]
        }),
    KernelCase(
        "vq_norm_backward_sums", tolerance: 1e-4,
        arrays: {
            [
                .random(height * $0, 1), .random(height * $0, 2), .zeros(height * $0), .random($0, 3),
                .random($0, 4),
                .random($0, 5), .random($0, 6), .random($0, 7), .random($0, 8), .zeros(height * ($0 + 1)),
            ]
        },
        do: { a, n in
            vq_norm_backward_sums(
                a[0], a[1], a[2], height, n, a[3], a[4], a[5], a[6], gelu, a[7], a[8], a[9], n + 1, 0.7)
        },
        expected: { before, n in
            let (x, dy) = (before[0], before[1].map { $0 * 0.7 })
            let du = x.indices.map { dy[$0] * slope(gelu, x[$0] * before[3][$0 % n] + before[4][$0 % n]) }
            var (sums, products, residual) = (before[7], before[8], before[9])
            for i in du.indices {
                sums[i % n] += du[i]
                products[i % n] += du[i] * (x[i] * before[5][i % n] + before[6][i % n])
                residual[i / n * (n + 1) + i % n] = dy[i]
            }
            return [2: du, 7: sums, 8: products, 9: residual]
        }),
    KernelCase(
        "vq_norm_backward_combine",
        arrays: {
            [
                .random(height * $0, 1), .random(height * $0, 2), .random($0, 3), .random($0, 4),
                .random($0, 5),
            ]
        },
        do: { vq_norm_backward_combine($0[0], $0[1], height, $1, $0[2], $0[3], $0[4]) },
        expected: { before, n in
            [
                1: before[0].indices.map { i in
                    before[1][i] * before[2][i % n] + before[0][i] * before[3][i % n] + before[4][i % n]
                }
            ]
        }),
    KernelCase(
        "vq_layer_norm", tolerance: 1e-4,
        arrays: {
            [
                .random(height * $0, 1), .zeros(height * $0), .zeros(2 * height), .random($0, 2),
                .random($0, 3),
                .random(height * ($0 + 1), 4),
            ]
        },
        do: { a, n in vq_layer_norm(a[0], a[1], a[2], height, n, a[3], a[4], gelu, a[5], n + 1, 0.7) },
        expected: { before, n in
            // A frame without channels has no mean.
            guard n > 0 else { return [:] }
            var (y, statistics) = ([Double](), [Double]())
            for (r, row) in rows(before[0], n).enumerated() {
                let (mean, rstd) = moments(row)
                statistics += [mean, rstd]
                for c in 0..<n {
                    let u = (row[c] - mean) * rstd * before[3][c] + before[4][c]
                    y.append((activation(gelu, u) + before[5][r * (n + 1) + c]) * 0.7)
                }
            }
            return [1: y, 2: statistics]
        }),
    KernelCase(
        "vq_layer_norm_backward", tolerance: 2e-3,
        arrays: { n in
            let x = KernelArray.values(height * n, 1)
            let statistics = rows(x.map(Double.init), n).flatMap { row in
                let (mean, rstd) = moments(row)
                return [Float(mean), Float(rstd)]
            }
            return [
                .floats(x), .random(height * n, 2), .zeros(height * n), .floats(statistics), .random(n, 3),
                .random(n, 4), .random(n, 5), .random(n, 6), .zeros(height * (n + 1)),
            ]
        },
        do: { a, n in
            vq_layer_norm_backward(
                a[0], a[1], a[2], a[3], height, n, a[4], a[5], gelu, a[6], a[7], a[8], n + 1, 0.7)
        },
        expected: { before, n in
            guard n > 0 else { return [:] }
            var (dx, sums, products) = ([Double](), before[6], before[7])
            for (r, row) in rows(before[0], n).enumerated() {
                let (mean, rstd) = (before[3][2 * r], before[3][2 * r + 1])
                let normalised = row.map { ($0 - mean) * rstd }
                let du = (0..<n).map { c in
                    before[1][r * n + c] * 0.7 * slope(gelu, normalised[c] * before[4][c] + before[5][c])
                }
                let scaled = (0..<n).map { du[$0] * before[4][$0] }
                let (a, b) = (scaled.reduce(0, +) / Double(n), dot(scaled, normalised) / Double(n))
                for c in 0..<n {
                    sums[c] += du[c]
                    products[c] += du[c] * normalised[c]
                    dx.append(rstd * (scaled[c] - a - normalised[c] * b))
                }
            }
            return [2: dx, 6: sums, 7: products]
        }),
]

private func moments(_ row: [Double]) -> (mean: Double, rstd: Double) {
    let mean = row.reduce(0, +) / Double(row.count)
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
    return (mean, 1 / (variance + 1e-5).squareRoot())
}
