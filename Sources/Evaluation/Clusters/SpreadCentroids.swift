import CKernels
import Tensors

/// Frames that were chosen as centroids, and how far all others are from the nearest of them (k-means++).
struct SpreadCentroids {
    /// That were chosen.
    private(set) var rows: [Int] = []
    /// Of each tile of frames the sum of the squared distances to the nearest that was chosen.
    private(set) var tileSums: [Double]
    private let frames: Tensor
    private let squares: Tensor
    /// Of each frame the squared distance to the nearest that was chosen.
    private let nearest: DoubleBuffer
    private let tiling: Tiling

    /// - Parameter frames: [T, D].
    init(_ frames: Tensor) {
        self.frames = frames
        let dimensions = frames.shape[1]
        squares = Tensor(uninitialized: [frames.shape[0]])
        for row in 0..<frames.shape[0] {
            squares.pointer[row] = Float(vq_sum_of_squares(frames.pointer + row * dimensions, dimensions))
        }
        nearest = DoubleBuffer(frames.shape[0])
        tiling = Tiling(rows: frames.shape[0], target: 2048)
        tileSums = Array(repeating: 0, count: tiling.count)
    }

    /// The frame at which the distances, added up, reach a value.
    func row(at value: Double) -> Int {
        var left = value
        for tile in 0..<tiling.count {
            guard left >= tileSums[tile] else {
                for row in tiling[tile] {
                    left -= nearest.pointer[row]
                    if left < 0 { return row }
                }
                return tiling[tile].last ?? 0
            }
            left -= tileSums[tile]
        }
        return frames.shape[0] - 1
    }

    /// Chooses the frame, of some, that leaves the smallest sum of distances.
    mutating func add(_ candidates: [Int]) {
        let (dimensions, count) = (frames.shape[1], candidates.count)
        let matrix = Tensor(uninitialized: [count, dimensions])
        for (place, row) in candidates.enumerated() {
            (matrix.pointer + place * dimensions).update(
                from: frames.pointer + row * dimensions, count: dimensions)
        }
        let norms = candidates.map { self.squares.pointer[$0] }
        let products = Tensor(uninitialized: [frames.shape[0], count])
        let (all, squares, tiling) = (frames, squares, tiling)
        let known = SharedPointer(nearest.pointer)
        let sums = Parallel.map(tiling.count) { tile in
            var sums = [Double](repeating: 0, count: count)
            let rows = tiling[tile]
            multiply(
                MatrixView(all.pointer, rows: all.shape[0], columns: dimensions).rows(rows),
                MatrixView(matrix.pointer, rows: count, columns: dimensions), transposeB: true,
                into: MatrixView(products.pointer, rows: all.shape[0], columns: count).rows(rows))
            vq_sum_nearer(
                products.pointer + rows.lowerBound * count, squares.pointer + rows.lowerBound, norms,
                known + rows.lowerBound, rows.count, count, &sums)
            return sums
        }
        let totals = (0..<count).map { candidate in
            sums.reduce(0) { $0 + $1[candidate] }
        }
        let best = totals.indices.min { (totals[$0], $0) < (totals[$1], $1) } ?? 0
        for tile in 0..<tiling.count {
            let start = tiling[tile].lowerBound
            tileSums[tile] = vq_keep_nearer(
                products.pointer + start * count + best, squares.pointer + start, norms[best],
                nearest.pointer + start, tiling[tile].count, count)
        }
        rows.append(candidates[best])
    }

    /// Numbers of double precision that keep their place.
    private final class DoubleBuffer {
        let pointer: UnsafeMutablePointer<Double>

        init(_ count: Int) {
            pointer = .allocate(capacity: count)
            pointer.initialize(repeating: .infinity, count: count)
        }

        deinit { pointer.deallocate() }
    }
}
