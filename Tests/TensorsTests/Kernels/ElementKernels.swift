import CKernels
import Foundation

/// Kernels over an array, and the arithmetic that defines them.
let elementKernels: [KernelCase] =
    [VQ_IDENTITY, VQ_RELU, VQ_GELU].flatMap { kind in
        let kind = Int32(kind)
        return [
            KernelCase(
                "vq_activate \(kind)", arrays: { [.random($0, 1), .zeros($0)] },
                do: { vq_activate($0[0], $0[1], $1, kind) },
                expected: { before, _ in [1: before[0].map { activation(kind, $0) }] }),
            KernelCase(
                "vq_activate_backward \(kind)",
                arrays: { [.random($0, 1), .random($0, 2), .zeros($0)] },
                do: { vq_activate_backward($0[0], $0[1], $0[2], $1, kind) },
                expected: { before, _ in [2: zip(before[0], before[1]).map { slope(kind, $0) * $1 }] }),
        ]
    } + [
        KernelCase(
            "vq_log_compress", arrays: { [.random($0, 1), .zeros($0)] },
            do: { vq_log_compress($0[0], $0[1], $1) },
            expected: { before, _ in [1: before[0].map { log1p(abs($0)) }] }),
        KernelCase(
            "vq_log_compress_backward", arrays: { [.random($0, 1), .random($0, 2), .zeros($0)] },
            do: { vq_log_compress_backward($0[0], $0[1], $0[2], $1) },
            expected: { before, _ in
                [2: zip(before[0], before[1]).map { ($0 < 0 ? -1 : 1) * $1 / (1 + abs($0)) }]
            }),
        KernelCase(
            "vq_add", arrays: { [.random($0, 1), .random($0, 2)] }, do: { vq_add($0[0], $0[1], $1) },
            expected: { before, _ in [0: zip(before[0], before[1]).map { $0 + $1 }] }),
        KernelCase(
            "vq_sum_scale", arrays: { [.random($0, 1), .random($0, 2), .zeros($0)] },
            do: { vq_sum_scale($0[0], $0[1], $0[2], $1, 0.7) },
            expected: { before, _ in [2: zip(before[0], before[1]).map { ($0 + $1) * 0.7 }] }),
        KernelCase(
            "vq_scale", arrays: { [.random($0, 1)] }, do: { vq_scale($0[0], $1, -1.5) },
            expected: { before, _ in [0: before[0].map { $0 * -1.5 }] }),
        KernelCase(
            "vq_add_scaled", arrays: { [.random($0, 1), .random($0, 2)] },
            do: { vq_add_scaled($0[0], $0[1], 0.3, $1) },
            expected: { before, _ in [0: zip(before[0], before[1]).map { $0 + 0.3 * $1 }] }),
        KernelCase(
            "vq_sum_of_squares", arrays: { [.random($0, 1)] },
            call: { vq_sum_of_squares($0[0], $1) },
            expected: { before, _ in [-1: [before[0].reduce(0) { $0 + $1 * $1 }]] }),
        KernelCase(
            "vq_largest_magnitude", arrays: { [.random($0, 1)] },
            call: { Double(vq_largest_magnitude($0[0], $1)) },
            expected: { before, _ in [-1: [before[0].map(abs).max() ?? 0]] }),
        // The last value of odd lengths is the one.
        KernelCase(
            "vq_first_non_finite",
            arrays: { n in
                var values = KernelArray.values(n, 1)
                if n % 2 == 1 { values[n - 1] = n % 4 == 1 ? .nan : -.infinity }
                return [.floats(values)]
            },
            call: { Double(vq_first_non_finite($0[0], $1)) },
            expected: { _, n in [-1: [n % 2 == 1 ? Double(n - 1) : -1]] }),
        KernelCase(
            "vq_adam",
            arrays: { n in
                [.random(n, 1), .random(n, 2), .random(n, 3), .floats(KernelArray.values(n, 4).map(abs))]
            },
            do: { vq_adam($0[0], $0[1], $0[2], $0[3], $1, 0.9, 0.1, 0.999, 0.001, 1e-8, 0.01, 0.99) },
            expected: { before, n in
                let m = (0..<n).map { 0.9 * before[2][$0] + 0.1 * before[1][$0] }
                let v = (0..<n).map { 0.999 * before[3][$0] + 0.001 * before[1][$0] * before[1][$0] }
                let p = (0..<n).map { 0.99 * before[0][$0] - 0.01 * (m[$0] / (v[$0].squareRoot() + 1e-8)) }
                return [0: p, 2: m, 3: v]
            }),
        // The stream's numbers do not depend on how many are taken.
        KernelCase(
            "vq_gumbel_noise", arrays: { [.zeros($0)] },
            do: { vq_gumbel_noise($0[0], $1, 1, 2, 3, 4, 5) },
            expected: { _, n in [0: gumbelNoise.prefix(n).map(Double.init)] }),
        KernelCase(
            "vq_dropout", arrays: { [.random($0, 1), .zeros($0)] },
            do: { vq_dropout($0[0], $0[1], $1, 0.4, 1, 2, 3, 4, 5, 0) },
            expected: { before, n in
                [1: (0..<n).map { dropoutMask[$0] == 0 ? 0 : before[0][$0] / 0.6 }]
            }),
        KernelCase(
            "vq_transpose", arrays: { [.random(3 * ($0 + 2), 1), .zeros(3 * $0)] },
            do: { vq_transpose($0[0], $1 + 2, $0[1], 3, $1) },
            expected: { before, n in
                [1: (0..<n).flatMap { column in (0..<3).map { before[0][$0 * (n + 2) + column] } }]
            }),
        KernelCase(
            "vq_transpose tall", arrays: { [.random(5 * $0, 1), .zeros(5 * $0)] },
            do: { vq_transpose($0[0], 5, $0[1], $1, 5) },
            expected: { before, n in
                [1: (0..<5).flatMap { column in (0..<n).map { before[0][$0 * 5 + column] } }]
            }),
    ]

private let gumbelNoise: [Float] = {
    var values = [Float](repeating: 0, count: 96)
    vq_gumbel_noise(&values, 96, 1, 2, 3, 4, 5)
    return values
}()

private let dropoutMask: [Float] = {
    var values = [Float](repeating: 0, count: 128)
    let ones = [Float](repeating: 1, count: 128)
    vq_dropout(ones, &values, 128, 0.4, 1, 2, 3, 4, 5, 0)
    return values
}()

func activation(_ kind: Int32, _ x: Double) -> Double {
    switch kind {
    case Int32(VQ_RELU): max(x, 0)
    case Int32(VQ_GELU): x * 0.5 * erfc(-x / 2.0.squareRoot())
    default: x
    }
}

func slope(_ kind: Int32, _ x: Double) -> Double {
    switch kind {
    case Int32(VQ_RELU): x > 0 ? 1 : 0
    case Int32(VQ_GELU):
        0.5 * erfc(-x / 2.0.squareRoot()) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    default: 1
    }
}
