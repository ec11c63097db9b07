import CKernels
import Files
import Foundation
import Tensors

/// Distances of items that are frames of features: matrix products, and what each distance makes of them.
///
/// Single precision does where frames are far from each other; those that are close are compared anew, so that a
/// distance is off by some 10⁻⁷ of what frames are large.
struct FrameComparison: ABXComparison {
    /// The frames of an item, and what is known of each of them alone.
    ///
    /// `@unchecked`: it points into tensors that `owners` holds, and that nobody changes.
    private struct Item: @unchecked Sendable {
        let frames: UnsafeMutablePointer<Float>
        let statistics: UnsafeMutablePointer<Float>
        let count: Int
    }

    private let items: [Item]
    private let owners: [Tensor]
    /// D.
    private let dimensions: Int
    private let distance: ABXDistance
    /// Values of a row of a product: 2D where frames go with their logarithms.
    private let width: Int

    /// Rows of a product, frames of X, and columns, those of A and B: what stays in a cache.
    static let portion = 256
    private static let columns = 512

    init(
        _ features: [ByteString: Tensor], dimensions: Int, items: ABXItems, cuts: ABXCuts,
        distance: ABXDistance,
        isPooled: Bool
    ) {
        (self.dimensions, self.distance) = (dimensions, distance)
        width = distance == .symmetricKL ? 2 * dimensions : dimensions
        guard !isPooled else {
            let means = Tensor(uninitialized: [items.items.count, dimensions])
            for (row, (item, cut)) in zip(items.items, cuts.frames).enumerated() {
                guard let frames = features[item.recording] else { continue }
                Self.mean(frames, cut, into: means.pointer + row * dimensions)
            }
            let statistics = Self.statistics(means, distance)
            owners = [means, statistics]
            self.items = items.items.indices.map { row in
                Item(frames: means.pointer + row * dimensions, statistics: statistics.pointer + row, count: 1)
            }
            return
        }
        let statistics = features.mapValues { Self.statistics($0, distance) }
        owners = Array(features.values) + Array(statistics.values)
        self.items = zip(items.items, cuts.frames).compactMap { item, cut in
            guard let frames = features[item.recording], let known = statistics[item.recording] else {
                return nil
            }
            return Item(
                frames: frames.pointer + cut.lowerBound * dimensions,
                statistics: known.pointer + cut.lowerBound,
                count: cut.count)
        }
    }

    private static func mean(_ frames: Tensor, _ cut: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        let dimensions = frames.shape[1]
        var sums = [Double](repeating: 0, count: dimensions)
        vq_column_sums(frames.pointer + cut.lowerBound * dimensions, cut.count, dimensions, dimensions, &sums)
        for (d, sum) in sums.enumerated() { target[d] = Float(sum / Double(cut.count)) }
    }

    /// Of each frame x: 1 / |x|, |x|², or Σ x ln(x + 10⁻⁶), as the distance needs it.
    private static func statistics(_ frames: Tensor, _ distance: ABXDistance) -> Tensor {
        let (count, dimensions) = (frames.shape[0], frames.shape[1])
        let statistics = Tensor(uninitialized: [count])
        Parallel.forEachTile(rows: count) { _, rows in
            for row in rows {
                let x = frames.pointer + row * dimensions
                switch distance {
                case .symmetricKL:
                    statistics.pointer[row] = Float(
                        (0..<dimensions).reduce(0.0) { $0 + Double(x[$1]) * log(Double(x[$1]) + 1e-6) })
                case .euclidean: statistics.pointer[row] = Float(vq_sum_of_squares(x, dimensions))
                default:
                    let square = vq_sum_of_squares(x, dimensions)
                    // A frame of zeros is compared as one whose values are all the same.
                    statistics.pointer[row] = Float(
                        1 / (square > 0 ? square : Double(dimensions)).squareRoot())
                    if square == 0 { statistics.pointer[row] *= -1 }
                }
            }
        }
        return statistics
    }

    func size(of item: Int32) -> Int { items[Int(item)].count }

    func sorted(_ items: Set<Int32>) -> [Int32] {
        items.sorted { (self.items[Int($0)].count, $0) < (self.items[Int($1)].count, $1) }
    }

    func distances(_ x: [Int32], to others: [Int32]) -> [Double] {
        let rows = Gathered(x[...], self, isLeft: true)
        var distances = [Double](repeating: 0, count: x.count * others.count)
        var start = 0
        while start < others.count {
            // Whole batches of lanes, as long as their frames are few.
            var (end, frames) = (start, 0)
            while end < others.count, frames < Self.columns {
                let batch = min(end + Self.lanes, others.count)
                frames += others[end..<batch].reduce(0) { $0 + items[Int($1)].count }
                end = batch
            }
            compare(rows, Gathered(others[start..<end], self, isLeft: false)) { x, other, distance in
                distances[x * others.count + start + other] = distance
            }
            start = end
        }
        return distances
    }

    private static let lanes = 16

    /// The frames of some items, one behind the other.
    private struct Gathered {
        let frames: Tensor
        /// Frames.
        let count: Int
        /// Values from a frame to the next.
        let stride: Int
        let statistics: Tensor
        /// Of each item.
        let starts: [Int]
        let counts: [Int]

        init(_ items: ArraySlice<Int32>, _ comparison: FrameComparison, isLeft: Bool) {
            counts = items.map { comparison.items[Int($0)].count }
            var (starts, total) = ([Int](), 0)
            for count in counts {
                starts.append(total)
                total += count
            }
            self.starts = starts
            let (width, dimensions) = (comparison.width, comparison.dimensions)
            // Rows of a left operand are best no powers of two apart.
            stride = isLeft ? width + 16 : width
            count = total
            frames = Tensor(uninitialized: [total, stride])
            statistics = Tensor(uninitialized: [total])
            for (place, item) in items.enumerated() {
                let item = comparison.items[Int(item)]
                let target = frames.pointer + starts[place] * stride
                let known = statistics.pointer + starts[place]
                known.update(from: item.statistics, count: item.count)
                guard comparison.distance == .symmetricKL else {
                    for row in 0..<item.count {
                        (target + row * stride).update(
                            from: item.frames + row * dimensions, count: dimensions)
                        guard comparison.distance == .angular, known[row] < 0 else { continue }
                        known[row] *= -1
                        (target + row * stride).update(repeating: 1, count: dimensions)
                    }
                    continue
                }
                for row in 0..<item.count {
                    let (from, to) = (item.frames + row * dimensions, target + row * stride)
                    (to + (isLeft ? 0 : dimensions)).update(from: from, count: dimensions)
                    let logarithms = to + (isLeft ? dimensions : 0)
                    for d in 0..<dimensions { logarithms[d] = Float(log(Double(from[d]) + 1e-6)) }
                }
            }
        }
    }

    private func compare(_ x: Gathered, _ y: Gathered, _ result: (Int, Int, Double) -> Void) {
        let right = TransposedRows(MatrixView(y.frames.pointer, rows: y.count, columns: width))
        let (rows, columns) = (x.count, TransposedRows.width(y.count))
        let products = Tensor(uninitialized: [rows, columns])
        multiplyUnpacked(
            MatrixView(x.frames.pointer, rows: rows, columns: width, stride: x.stride),
            right[0..<y.count], into: MatrixView(products.pointer, rows: rows, columns: columns))
        for row in 0..<rows {
            let (d, frame) = (products.pointer + row * columns, x.frames.pointer + row * x.stride)
            let statistic = x.statistics.pointer[row]
            switch distance {
            case .euclidean:
                vq_euclidean_distances(
                    d, y.count, frame, y.frames.pointer, dimensions, statistic, y.statistics.pointer)
            case .symmetricKL:
                vq_divergences(
                    d, y.count, frame, y.frames.pointer, dimensions, statistic, y.statistics.pointer)
            default:
                vq_angular_distances(
                    d, y.count, frame, y.frames.pointer, dimensions, statistic, y.statistics.pointer)
            }
        }
        var results = [Double](repeating: 0, count: Self.lanes)
        var work: [Float] = []
        for first in stride(from: 0, to: y.counts.count, by: Self.lanes) {
            let batch = first..<min(first + Self.lanes, y.counts.count)
            var (offsets, lengths) = ([Int32](repeating: 0, count: 16), [Int32](repeating: 0, count: 16))
            for (lane, item) in batch.enumerated() {
                (offsets[lane], lengths[lane]) = (Int32(y.starts[item]), Int32(y.counts[item]))
            }
            let longest = Int(lengths.max() ?? 0)
            if work.count < 3 * Self.lanes * longest {
                work = [Float](repeating: 0, count: 3 * Self.lanes * longest)
            }
            for item in x.counts.indices {
                vq_warp(
                    products.pointer + x.starts[item] * columns, columns, offsets, x.counts[item], longest,
                    lengths,
                    &work, &results)
                for (lane, other) in batch.enumerated() { result(item, other, results[lane]) }
            }
        }
    }
}
