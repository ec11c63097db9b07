import CKernels
import Communication
import Foundation
import Tensors

/// k-means by squared Euclidean distance (Lloyd 1982), for units of any frames.
///
/// Distances are those of double precision: matrix products of single precision tell which centroids come into
/// question. Sums do not depend on the order of the frames (`OrderlessSum`), so that results are the same bits for any
/// number of threads and processes.
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

    /// Takes over the centroids of the first process.
    /// - Throws: `CommunicationError`.
    mutating func shareAmong(_ communicator: any Communicator) throws {
        guard communicator.size > 1 else { return }
        let own = centroids.withUnsafeBytes { communicator.isFirst ? Array($0) : [] }
        let first = try communicator.gather(own)[0]
        centroids.withUnsafeMutableBytes { $0.copyBytes(from: first) }
    }

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

    /// The nearest centroid of each frame that this process has of a source, in pieces.
    /// - Throws: `FileError`.
    public func assign(_ source: some FrameSource) throws -> Assignment {
        var sums: Sums?
        return try pass(source, &sums)
    }

    /// One iteration: each frame goes to its nearest centroid, each centroid to the mean of its frames. A cluster
    /// without frames takes the frame that is farthest from its own centroid, the next one the next farthest, which
    /// leaves the mean of its old cluster.
    /// - Returns: the labels and distances of this process's frames by the centroids as they were.
    /// - Throws: `FileError`; of several processes `ProcessFailure` or `CommunicationError`.
    public mutating func iterate(_ source: some FrameSource) throws -> Assignment {
        var sums: Sums? = Sums(of: source, clusters: clusters)
        let assignment = try source.communicator.together { try pass(source, &sums) }
        guard var sums else { return assignment }
        try sums.shareAmong(source.communicator)
        try fill(&sums, assignment, source)
        for cluster in 0..<clusters where sums.counts[cluster] > 0 {
            for d in 0..<dimensions {
                let place = cluster * dimensions + d
                centroids[place] = sums.values[place] / Double(sums.counts[cluster])
            }
        }
        return assignment
    }

    /// A frame that a cluster without frames may take.
    private struct Distant: Codable {
        /// As bits.
        var distance: UInt64
        var frame: Int
        var label: Int32
    }

    private func fill(_ sums: inout Sums, _ assignment: Assignment, _ source: some FrameSource) throws {
        let empty = (0..<clusters).filter { sums.counts[$0] == 0 }
        guard !empty.isEmpty, source.count > clusters else { return }
        let own = assignment.distances.indices.sorted {
            (assignment.distances[$1], $0) < (assignment.distances[$0], $1)
        }.prefix(empty.count).map {
            Distant(
                distance: assignment.distances[$0].bitPattern, frame: source.own.lowerBound + $0,
                label: assignment.labels[$0])
        }
        let farthest = try source.communicator.collect { own }.flatMap { $0 }.sorted {
            // Bits of numbers that are not negative have the order of the numbers.
            ($1.distance, $0.frame) < ($0.distance, $1.frame)
        }.prefix(empty.count)
        let frames = try source.gather(farthest.map(\.frame))
        for (row, (cluster, distant)) in zip(empty, farthest).enumerated() {
            sums.move(frames.pointer + row * dimensions, from: Int(distant.label), to: cluster)
        }
    }

    /// Runs over all frames, and adds them up by cluster where asked.
    private func pass(_ source: some FrameSource, _ sums: inout Sums?) throws -> Assignment {
        precondition(
            source.dimensions == dimensions, "frames have \(source.dimensions), centroids \(dimensions)")
        let single = SinglePrecision(self)
        let own = source.own
        var labels = [Int32](repeating: 0, count: own.count)
        var distances = [Double](repeating: 0, count: own.count)
        let buffer = Tensor(uninitialized: [min(own.count, Self.piece), dimensions])
        for start in stride(from: 0, to: own.count, by: Self.piece) {
            let rows = start..<min(start + Self.piece, own.count)
            try source.read(
                own.lowerBound + rows.lowerBound..<own.lowerBound + rows.upperBound, into: buffer.pointer)
            single.assign(buffer.pointer, &labels[rows], &distances[rows])
            sums?.add(buffer.pointer, labels[rows])
        }
        return Assignment(labels: labels, distances: distances)
    }
}

extension KMeans {
    /// The centroids once more in single precision, for products.
    struct SinglePrecision {
        private let kmeans: KMeans
        private let centroids: TransposedRows
        private let norms: [Float]
        private let largest: Float

        init(_ kmeans: KMeans) {
            self.kmeans = kmeans
            let dimensions = kmeans.dimensions
            let tensor = kmeans.tensor
            centroids = TransposedRows(
                MatrixView(tensor.pointer, rows: kmeans.clusters, columns: dimensions))
            norms = (0..<kmeans.clusters).map { cluster in
                let row = kmeans.centroids[cluster * dimensions..<(cluster + 1) * dimensions]
                return Float(row.reduce(0) { $0 + $1 * $1 })
            }
            largest = (norms.max() ?? 0).squareRoot()
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
            let dimensions = kmeans.dimensions
            let centroids = centroids[0..<kmeans.clusters]
            let (frames, labels, distances) = (
                SharedPointer(frames), SharedPointer(labels), SharedPointer(distances)
            )
            Parallel.forEachTile(rows: rows) { _, rows in
                let products = Tensor(uninitialized: [rows.count, centroids.columns])
                // Rows of a left operand are best no powers of two apart.
                let copies = Tensor(uninitialized: [rows.count, dimensions + 16])
                for (place, row) in rows.enumerated() {
                    (copies.pointer + place * (dimensions + 16)).update(
                        from: frames.pointer + row * dimensions, count: dimensions)
                }
                multiplyUnpacked(
                    MatrixView(
                        copies.pointer, rows: rows.count, columns: dimensions, stride: dimensions + 16),
                    centroids,
                    into: MatrixView(products.pointer, rows: rows.count, columns: centroids.columns))
                vq_nearest_centroids(
                    frames + rows.lowerBound * dimensions, rows.count, dimensions, kmeans.centroids, norms,
                    kmeans.clusters, largest, products.pointer, centroids.columns, labels + rows.lowerBound,
                    distances + rows.lowerBound)
            }
        }
    }
}
