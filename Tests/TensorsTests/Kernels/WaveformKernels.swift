import CKernels
import Foundation

private let gelu = Int32(VQ_GELU)
private let (hop, kernel, channels) = (5, 10, 19)

/// Kernels over a waveform, of a number of frames or of channels.
let waveformKernels: [KernelCase] = [
    block("vq_waveform_block by frames", frames: { $0 }, channels: { _ in channels }),
    block("vq_waveform_block by channels", frames: { _ in 6 }, channels: { $0 }),
    blockBackward("vq_waveform_block_backward by frames", frames: { $0 }, channels: { _ in channels }),
    blockBackward("vq_waveform_block_backward by channels", frames: { _ in 6 }, channels: { $0 }),
    KernelCase(
        "vq_window_moments",
        arrays: {
            [.random(samples($0), 1), .doubles(column(kernel, 2)), .doubles(column(kernel * kernel, 3))]
        },
        do: { vq_window_moments($0[0], $1, hop, kernel, $0.doubles(1), $0.doubles(2)) },
        expected: { before, n in
            var (sum, products) = (before[1], before[2])
            for t in 0..<n {
                for j in 0..<kernel {
                    sum[j] += before[0][t * hop + j]
                    for i in 0..<kernel {
                        products[j * kernel + i] += before[0][t * hop + j] * before[0][t * hop + i]
                    }
                }
            }
            return [1: sum, 2: products]
        }),
    KernelCase(
        "vq_power_spectra", tolerance: 1e-9,
        arrays: { n in
            [
                .random(n == 0 ? 0 : (n - 1) * 3 + width, 1), .doubles(column(width, 2)),
                .doubles((0..<size / 2).flatMap { [cos(angle($0)), sin(angle($0))] }),
                .doubles([Double](repeating: 0, count: 16 * size)),
                .doubles([Double](repeating: 0, count: n * size / 2)),
            ]
        },
        do: { a, n in
            vq_power_spectra(
                a[0], n, 3, width, 0.97, a.doubles(1), a.doubles(2), size, a.doubles(3), a.doubles(4))
        },
        expected: { before, n in
            [
                4: (0..<n).flatMap { frame -> [Double] in
                    let samples = Array(before[0][frame * 3..<frame * 3 + width])
                    let y = samples.map { $0 - samples.reduce(0, +) / Double(width) }
                    let z = y.indices.map { (y[$0] - 0.97 * y[max($0 - 1, 0)]) * before[1][$0] }
                    return (0..<size / 2).map { k in
                        let real = z.indices.reduce(0) { $0 + z[$1] * cos(angle(k * $1)) }
                        let imaginary = z.indices.reduce(0) { $0 + z[$1] * sin(angle(k * $1)) }
                        return real * real + imaginary * imaginary
                    }
                }
            ]
        }),
]

private let (width, size) = (25, 32)

private func angle(_ k: Int) -> Double { -2 * Double.pi * Double(k % size) / Double(size) }

private func samples(_ frames: Int) -> Int { frames == 0 ? 0 : (frames - 1) * hop + kernel }

private func block(
    _ name: String, frames: @escaping @Sendable (Int) -> Int, channels: @escaping @Sendable (Int) -> Int
) -> KernelCase {
    KernelCase(
        name, tolerance: 1e-4,
        arrays: { n in
            let (t, c) = (frames(n), channels(n))
            return [
                .random(samples(t), 1), .random(kernel * c, 2), .zeros(t * (c + 2)), .random(c, 3),
                .random(c, 4),
            ]
        },
        do: { a, n in
            let c = channels(n)
            vq_waveform_block(a[0], frames(n), hop, kernel, a[1], a[2], c + 2, c, a[3], a[4], gelu)
        },
        expected: { before, n in
            let (t, c) = (frames(n), channels(n))
            var y = before[2]
            for frame in 0..<t {
                for channel in 0..<c {
                    let u = convolution(before, frame, channel, c)
                    y[frame * (c + 2) + channel] = activation(
                        gelu, u * before[3][channel] + before[4][channel])
                }
            }
            return [2: y]
        })
}

private func blockBackward(
    _ name: String, frames: @escaping @Sendable (Int) -> Int, channels: @escaping @Sendable (Int) -> Int
) -> KernelCase {
    KernelCase(
        name, tolerance: 1e-4,
        arrays: { n in
            let (t, c) = (frames(n), channels(n))
            return [
                .random(samples(t), 1), .random(kernel * c, 2), .random(t * (c + 2), 3), .random(c, 4),
                .random(c, 5),
                .random(c, 6), .random(kernel * c, 7),
            ]
        },
        do: { a, n in
            let c = channels(n)
            vq_waveform_block_backward(
                a[0], frames(n), hop, kernel, a[1], a[2], c + 2, c, a[3], a[4], gelu, a[5], a[6])
        },
        expected: { before, n in
            let (t, c) = (frames(n), channels(n))
            var (sums, products) = (before[5], before[6])
            for frame in 0..<t {
                for channel in 0..<c {
                    let u = convolution(before, frame, channel, c) * before[3][channel] + before[4][channel]
                    let du = before[2][frame * (c + 2) + channel] * slope(gelu, u)
                    sums[channel] += du
                    for j in 0..<kernel { products[j * c + channel] += du * before[0][frame * hop + j] }
                }
            }
            return [5: sums, 6: products]
        })
}

private func convolution(_ before: [[Double]], _ frame: Int, _ channel: Int, _ channels: Int) -> Double {
    (0..<kernel).reduce(0) { (sum: Double, tap: Int) -> Double in
        sum + before[0][frame * hop + tap] * before[1][tap * channels + channel]
    }
}
