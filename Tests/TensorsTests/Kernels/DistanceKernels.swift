import CKernels
import Foundation

/// Distances of frames and sequences.
let distanceKernels: [KernelCase] = [
    KernelCase(
        "vq_angular_distances", tolerance: 1e-4,
        arrays: { pair($0, scales: { 1 / $0.squareRoot() }) },
        do: { vq_angular_distances($0[0], 5, $0[1], $0[2], $1, $0[3][0], $0[4]) },
        expected: { before, n in
            guard n > 0 else { return [:] }
            return [
                0: (0..<5).map { j in
                    let y = Array(before[2][j * n..<(j + 1) * n])
                    let cosine = dot(before[1], y) / (dot(before[1], before[1]) * dot(y, y)).squareRoot()
                    return acos(min(max(cosine, -1), 1)) / .pi
                }
            ]
        }),
    KernelCase(
        "vq_euclidean_distances", tolerance: 1e-4, arrays: { pair($0, scales: { $0 }) },
        do: { vq_euclidean_distances($0[0], 5, $0[1], $0[2], $1, $0[3][0], $0[4]) },
        expected: { before, n in
            [
                0: (0..<5).map { j in
                    squaredDistance(before[1], Array(before[2][j * n..<(j + 1) * n])).squareRoot()
                }
            ]
        }),
    KernelCase(
        "vq_divergences", tolerance: 1e-4,
        arrays: { n in
            let (p, q) = (KernelArray.values(n, 1).map(abs), KernelArray.values(5 * n, 2).map(abs))
            func logarithm(_ values: [Float]) -> [Float] { values.map { log($0 + 1e-6) } }
            func product(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
            let parts = (0..<5).map { Array(q[$0 * n..<($0 + 1) * n]) }
            return [
                .floats(parts.map { product(p, logarithm($0)) + product(logarithm(p), $0) }),
                .floats(p + logarithm(p)), .floats(parts.flatMap { logarithm($0) + $0 }),
                .floats([product(p, logarithm(p))]), .floats(parts.map { product($0, logarithm($0)) }),
            ]
        },
        do: { vq_divergences($0[0], 5, $0[1], $0[2], $1, $0[3][0], $0[4]) },
        expected: { before, n in
            [
                0: (0..<5).map { j in
                    var sum = 0.0
                    for i in 0..<n {
                        let other = 2 * j * n + i
                        let (p, q) = (before[1][i], before[2][other + n])
                        sum += 0.5 * (p - q) * (before[1][i + n] - before[2][other])
                    }
                    return sum
                }
            ]
        }),
    KernelCase(
        "vq_nearest_centroids",
        arrays: { n in
            let (x, centroids) = (KernelArray.values(3 * n, 1), KernelArray.values(4 * n, 2))
            func part(_ values: [Float], _ k: Int) -> ArraySlice<Float> { values[k * n..<(k + 1) * n] }
            func product(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Float {
                zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
            }
            return [
                .floats(x), .doubles(centroids.map(Double.init)),
                .floats((0..<4).map { product(part(centroids, $0), part(centroids, $0)) }),
                .floats((0..<12).map { product(part(x, $0 / 4), part(centroids, $0 % 4)) }),
                .integers([7, 7, 7]), .doubles([7, 7, 7]),
            ]
        },
        do: { a, n in
            let largest = (0..<4).reduce(0) { max($0, a[2][$1]) }.squareRoot()
            vq_nearest_centroids(
                a[0], 3, n, a.doubles(1), a[2], 4, largest, a[3], 4, a.integers(4), a.doubles(5))
        },
        expected: { before, n in
            var (labels, distances) = ([Double](), [Double]())
            for r in 0..<3 {
                let x = Array(before[0][r * n..<(r + 1) * n])
                let all = (0..<4).map { squaredDistance(x, Array(before[1][$0 * n..<($0 + 1) * n])) }
                let least = all.min() ?? 0
                labels.append(Double(all.firstIndex(of: least) ?? 0))
                distances.append(least)
            }
            return [4: labels, 5: distances]
        }),
    KernelCase(
        "vq_add_rounded_rows",
        arrays: { [.doubles(column($0, 1)), .random(6 * $0, 2), .integers([5, 0, 3])] },
        do: { vq_add_rounded_rows($0.doubles(0), $0[1], $1, $0.integers(2), 3, 1.5 * 0x1p40) },
        expected: { before, n in
            let unit = 0x1p-12
            return [
                0: (0..<n).map { i in
                    var sum: Double = before[0][i]
                    for row in [5, 0, 3] {
                        let value: Double = before[1][row * n + i]
                        sum += (value / unit).rounded(.toNearestOrEven) * unit
                    }
                    return sum
                }
            ]
        }),
    KernelCase(
        "vq_sum_nearer",
        arrays: {
            [
                .random(3 * $0, 1), .random(3, 2), .random($0, 3), .doubles([1, 2, 3]),
                .doubles(column($0, 4)),
            ]
        },
        do: { vq_sum_nearer($0[0], $0[1], $0[2], $0.doubles(3), 3, $1, $0.doubles(4)) },
        expected: { before, n in
            [
                4: (0..<n).map { v in
                    var sum: Double = 0
                    for r in 0..<3 {
                        let product: Double = before[0][r * n + v]
                        let distance: Double = before[1][r] + before[2][v] - 2 * product
                        sum += Swift.min(Swift.max(distance, 0), before[3][r])
                    }
                    return sum
                }
            ]
        }),
    KernelCase(
        "vq_keep_nearer", arrays: { [.random(2 * $0, 1), .random($0, 2), .doubles(column($0, 3).map(abs))] },
        call: { vq_keep_nearer($0[0], $0[1], 1.5, $0.doubles(2), $1, 2) },
        expected: { before, n in
            let known = (0..<n).map { r -> Double in
                let distance: Double = before[1][r] + 1.5 - 2 * before[0][2 * r]
                return Swift.min(Swift.max(distance, 0), before[2][r])
            }
            return [-1: [known.reduce(0, +)], 2: known]
        }),
    KernelCase(
        "vq_warp_units", arrays: { sequences($0, work: 32 * $0) },
        do: { a, n in vq_warp_units(a.integers(0), 9, a.integers(1), n, a.integers(2), a[3], a.doubles(4)) },
        expected: { before, n in [4: (0..<16).map { warped(before, n, lane: $0) }] }),
    KernelCase(
        "vq_warp",
        arrays: { n in
            // The distances of the units above, the lanes one after the other.
            let units = sequences(n, work: 48 * n)
            let (x, y, lengths) = (
                units[0].values(of: units[0].bytes), units[1].values(of: units[1].bytes), lengths(n)
            )
            var offsets: [Int32] = []
            for l in 0..<16 { offsets.append(Int32(lengths[..<l].reduce(0, +))) }
            var distances: [Float] = []
            for unit in x {
                for l in 0..<16 {
                    for j in 0..<lengths[l] { distances.append(y[j * 16 + l] == unit ? 0 : 1) }
                }
            }
            return [units[0], units[1], units[2], units[3], units[4], .floats(distances), .integers(offsets)]
        },
        do: { a, n in
            let stride = lengths(n).reduce(0, +)
            vq_warp(a[5], stride, a.integers(6), 9, n, a.integers(2), a[3], a.doubles(4))
        },
        expected: { before, n in [4: (0..<16).map { warped(before, n, lane: $0) }] }),
    KernelCase(
        "vq_edit_units", arrays: { sequences($0, work: 16 * ($0 + 1)) },
        do: { a, n in vq_edit_units(a.integers(0), 9, a.integers(1), n, a.integers(2), a[3], a.doubles(4)) },
        expected: { before, n in
            [
                4: (0..<16).map { l in
                    let y = (0..<lengths(n)[l]).map { before[1][$0 * 16 + l] }
                    var row = (0...y.count).map(Double.init)
                    for (i, unit) in before[0].enumerated() {
                        var next = [Double(i + 1)]
                        for j in y.indices {
                            let across = row[j] + (y[j] == unit ? 0 : 1)
                            next.append(min(row[j + 1] + 1, next[j] + 1, across))
                        }
                        row = next
                    }
                    return row[y.count] / Double(max(y.count, 9))
                }
            ]
        }),
]

/// Products of a frame with five others, these, and a scale for each.
private func pair(_ n: Int, scales: (Float) -> Float) -> [KernelArray] {
    let (x, y) = (KernelArray.values(n, 1), KernelArray.values(5 * n, 2))
    func product(_ a: [Float], _ b: ArraySlice<Float>) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let parts = (0..<5).map { y[$0 * n..<($0 + 1) * n] }
    return [
        .floats(parts.map { product(x, $0) }), .floats(x), .floats(y), .floats([scales(product(x, x[...]))]),
        .floats(parts.map { scales(product(Array($0), $0)) }),
    ]
}

private func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
}

/// Of the sixteen lanes: none, all, and lengths between.
private func lengths(_ n: Int) -> [Int] { (0..<16).map { n * $0 / 15 } }

/// Nine units, and sixteen sequences side by side.
private func sequences(_ n: Int, work: Int) -> [KernelArray] {
    func units(_ count: Int, _ number: Int) -> [Int32] {
        KernelArray.values(count, number).map { Int32($0.rounded()) }
    }
    return [
        .integers(units(9, 1)), .integers(units(16 * n, 2)), .integers(lengths(n).map(Int32.init)),
        .zeros(work),
        .doubles([Double](repeating: 7, count: 16)),
    ]
}

/// Cost of the best path over its length, from the definition: what is walked back goes diagonally on ties, then to the left.
private func warped(_ before: [[Double]], _ n: Int, lane: Int) -> Double {
    let count = lengths(n)[lane]
    guard count > 0 else { return 0 }
    var table = [[(cost: Double, length: Double)]]()
    for (i, unit) in before[0].enumerated() {
        table.append([])
        for j in 0..<count {
            let distance = before[1][j * 16 + lane] == unit ? 0.0 : 1
            var best = (cost: i == 0 && j == 0 ? 0 : Double.infinity, length: 0.0)
            if i > 0, j > 0 { best = table[i - 1][j - 1] }
            if j > 0, table[i][j - 1].cost < best.cost { best = table[i][j - 1] }
            if i > 0, table[i - 1][j].cost < best.cost { best = table[i - 1][j] }
            table[i].append((best.cost + distance, best.length + 1))
        }
    }
    return table[8][count - 1].cost / table[8][count - 1].length
}
