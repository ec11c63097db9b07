import CKernels
import Foundation
import Tensors

/// k-means by squared Euclidean distance (Lloyd 1982), for units of any frames.
///
/// Distances are those of double precision: matrix products of single precision tell which centroids come into
/// question. Sums are made in the order of the frames, so that results are the same bits for any number of threads.
public struct KMeans: Sendable {
    /// [K, D], row-major.
    public private(set) var centroids: [Double]
    /// K.
    public let clusters: Int
    /// D.
    public let dimensions: Int

    /// Frames that are held in memory at once.
    private static let piece = 1 << 15

    /// - Parameter centroids: [K, D], row-major.
    /// - Precondition: both sizes are positive, and there are as many values.
    public init(centroids: [Double], clusters: Int, dimensions: Int) {
        precondition(
            clusters > 0 && dimensions > 0 && centroids.count == clusters * dimensions,
            "\(centroids.count) values are not \(clusters) centroids of \(dimensions) dimensions")
        (self.centroids, self.clusters, self.dimensions) = (centroids, clusters, dimensions)
    }

    /// Centroids in single precision, [K, D].
    public var tensor: Tensor { Tensor(centroids.map { Float($0) }, shape: [clusters, dimensions]) }

    /// Sets one value of the centroids.
    mutating func move(_ place: Int, to value: Double) { centroids[place] = value }

    /// What one pass over the frames finds.
    public struct Assignment: Sendable {
        /// The number of the nearest centroid of each frame, the first one on ties.
        public let labels: [Int32]
        /// The squared distance to it.
        public let distances: [Double]

        /// Σ of the squared distances.
        public var inertia: Double { distances.reduce(0, +) }
    }

    /// The nearest centroid of each frame.
    /// - Parameter frames: [T, D].
    /// - Precondition: frames have D dimensions.
    public func assign(_ frames: Tensor) -> Assignment {
        precondition(frames.shape.last == dimensions, "frames have \(frames.shape), centroids \(dimensions)")
        let single = SinglePrecision(self)
        var labels = [Int32](repeating: 0, count: frames.count / dimensions)
        var distances = [Double](repeating: 0, count: labels.count)
        single.assign(frames.pointer, &labels, &distances)
        return Assignment(labels: labels, distances: distances)
    }

    /// The nearest centroid of each frame of a source, in pieces.
    /// - Throws: `FileError`.
    public func assign(_ source: some FrameSource) throws -> Assignment {
        var sums: Sums?
        return try pass(source, &sums)
    }

    /// One iteration: each frame goes to its nearest centroid, each centroid to the mean of its frames. A cluster
    /// without frames takes the frame that is farthest from its own centroid, the next one the next farthest, which
    /// leaves the mean of its old cluster.
    /// - Returns: the labels and distances by the centroids as they were.
    /// - Throws: `FileError`.
    public mutating func iterate(_ source: some FrameSource) throws -> Assignment {
        var sums: Sums? = Sums(clusters: clusters, dimensions: dimensions)
        let assignment = try pass(source, &sums)
        guard var sums else { return assignment }
        try fill(&sums, assignment, source)
        for cluster in 0..<clusters where sums.counts[cluster] > 0 {
            for d in 0..<dimensions {
                let place = cluster * dimensions + d
                centroids[place] = sums.values[place] / Double(sums.counts[cluster])
            }
        }
        return assignment
    }

    private func fill(_ sums: inout Sums, _ assignment: Assignment, _ source: some FrameSource) throws {
        let empty = (0..<clusters).filter { sums.counts[$0] == 0 }
        guard !empty.isEmpty, assignment.labels.count > clusters else { return }
        let farthest = assignment.distances.indices.sorted {
            (assignment.distances[$1], $0) < (assignment.distances[$0], $1)
        }
        for (cluster, frame) in zip(empty, farthest) {
            let values = try source.gather([frame]).values.map(Double.init)
            let old = Int(assignment.labels[frame])
            for d in 0..<dimensions {
                sums.values[old * dimensions + d] -= values[d]
                sums.values[cluster * dimensions + d] = values[d]
            }
            sums.counts[old] -= 1
            sums.counts[cluster] = 1
        }
    }

    /// Runs over all frames, and adds them up by cluster where asked.
    private func pass(_ source: some FrameSource, _ sums: inout Sums?) throws -> Assignment {
        precondition(
            source.dimensions == dimensions, "frames have \(source.dimensions), centroids \(dimensions)")
        let single = SinglePrecision(self)
        var labels = [Int32](repeating: 0, count: source.count)
        var distances = [Double](repeating: 0, count: source.count)
        let buffer = Tensor(uninitialized: [min(source.count, Self.piece), dimensions])
        for start in stride(from: 0, to: source.count, by: Self.piece) {
            let rows = start..<min(start + Self.piece, source.count)
            try source.read(rows, into: buffer.pointer)
            single.assign(buffer.pointer, &labels[rows], &distances[rows])
            sums?.add(buffer.pointer, labels[rows])
        }
        return Assignment(labels: labels, distances: distances)
    }
}

extension KMeans {
    /// Sums of frames by cluster.
    struct Sums {
        /// [K, D].
        var values: [Double]
        /// Frames.
        var counts: [Int]
        private let clusters: Int
        private let dimensions: Int

        init(clusters: Int, dimensions: Int) {
            (self.clusters, self.dimensions) = (clusters, dimensions)
            values = Array(repeating: 0, count: clusters * dimensions)
            counts = Array(repeating: 0, count: clusters)
        }

        /// Each cluster is one thread's, and takes its frames in their order.
        mutating func add(_ frames: UnsafePointer<Float>, _ labels: ArraySlice<Int32>) {
            var members = Array(repeating: [Int32](), count: clusters)
            for (row, label) in labels.enumerated() { members[Int(label)].append(Int32(row)) }
            for cluster in 0..<clusters { counts[cluster] += members[cluster].count }
            let dimensions = dimensions
            values.withUnsafeMutableBufferPointer { values in
                guard let base = values.baseAddress else { return }
                let (sums, frames) = (SharedPointer(base), SharedPointer(reading: frames))
                Parallel.forEach(clusters) { [members] cluster in
                    vq_add_rows(
                        sums + cluster * dimensions, frames.pointer, dimensions, members[cluster],
                        members[cluster].count)
                }
            }
        }
    }

    /// The centroids once more in single precision, for products.
    struct SinglePrecision {
        private let kmeans: KMeans
        private let centroids: WeightPanels
        /// Of the centroids, and of others that are nearest to nothing: so many fill whole blocks of a product.
        private let count: Int
        private let norms: [Float]
        private let largest: Float

        init(_ kmeans: KMeans) {
            self.kmeans = kmeans
            let dimensions = kmeans.dimensions
            count = (kmeans.clusters + 15) / 16 * 16
            let padding = (count - kmeans.clusters) * dimensions
            let tensor = Tensor(
                kmeans.centroids.map { Float($0) } + [Float](repeating: 0, count: padding),
                shape: [count, dimensions])
            centroids = WeightPanels(
                MatrixView(tensor.pointer, rows: count, columns: dimensions), columns: .outputs)
            let known = (0..<kmeans.clusters).map { cluster in
                let row = kmeans.centroids[cluster * dimensions..<(cluster + 1) * dimensions]
                return Float(row.reduce(0) { $0 + $1 * $1 })
            }
            norms = known + [Float](repeating: .infinity, count: count - known.count)
            largest = (known.max() ?? 0).squareRoot()
        }

        /// - Parameter frames: [labels, D].
        func assign(
            _ frames: UnsafeMutablePointer<Float>, _ labels: inout ArraySlice<Int32>,
            _ distances: inout ArraySlice<Double>
        ) {
            labels.withUnsafeMutableBufferPointer { labels in
                distances.withUnsafeMutableBufferPointer { distances in
                    guard let labelBase = labels.baseAddress, let distanceBase = distances.baseAddress else {
                        return
                    }
                    assign(frames, rows: labels.count, labelBase, distanceBase)
                }
            }
        }

        func assign(
            _ frames: UnsafeMutablePointer<Float>, _ labels: inout [Int32], _ distances: inout [Double]
        ) {
            assign(frames, &labels[...], &distances[...])
        }

        private func assign(
            _ frames: UnsafeMutablePointer<Float>, rows: Int, _ labels: UnsafeMutablePointer<Int32>,
            _ distances: UnsafeMutablePointer<Double>
        ) {
            let (count, dimensions) = (count, kmeans.dimensions)
            let (frames, labels, distances) = (
                SharedPointer(frames), SharedPointer(labels), SharedPointer(distances)
            )
            Parallel.forEachTile(rows: rows) { _, rows in
                let products = Tensor(uninitialized: [rows.count, count])
                // Rows of a left operand are best no powers of two apart.
                let copies = Tensor(uninitialized: [rows.count, dimensions + 16])
                for (place, row) in rows.enumerated() {
                    (copies.pointer + place * (dimensions + 16)).update(
                        from: frames.pointer + row * dimensions, count: dimensions)
                }
                centroids.multiply(
                    MatrixView(
                        copies.pointer, rows: rows.count, columns: dimensions, stride: dimensions + 16),
                    into: MatrixView(products.pointer, rows: rows.count, columns: count))
                vq_nearest_centroids(
                    frames + rows.lowerBound * dimensions, rows.count, dimensions, kmeans.centroids, norms,
                    count,
                    largest, products.pointer, labels + rows.lowerBound, distances + rows.lowerBound)
            }
        }
    }
}
