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
        var (labels, distances) = ([Int32](), [Double]())
        try forEachPiece(of: source) { piece in
            labels += piece.labels
            distances += piece.distances
        }
        return Assignment(labels: labels, distances: distances)
    }

    /// One iteration: each frame goes to its nearest centroid, each centroid to the mean of its frames. A cluster
    /// without frames takes the frame that is farthest from its own centroid, the next one the next farthest, which
    /// leaves the mean of its old cluster. Memory does not grow with the number of frames.
    /// - Returns: Σ of the squared distances of all frames to the centroids as they were.
    /// - Throws: `FileError`; of several processes `ProcessFailure` or `CommunicationError`.
    @discardableResult
    public mutating func iterate(_ source: some FrameSource) throws -> Double {
        var sums = Sums(of: source, clusters: clusters)
        var inertia = Inertia(of: source, centroids: centroids)
        // No more than K clusters can be without frames.
        var farthest = FarthestFrames(limit: clusters)
        try source.communicator.together {
            try forEachPiece(of: source) { piece in
                sums.add(piece.frames, piece.labels[...])
                inertia.add(piece.distances)
                farthest.add(piece)
            }
        }
        try sums.shareAmong(source.communicator)
        try fill(&sums, farthest, source)
        for cluster in 0..<clusters where sums.counts[cluster] > 0 {
            for d in 0..<dimensions {
                let place = cluster * dimensions + d
                centroids[place] = sums.values[place] / Double(sums.counts[cluster])
            }
        }
        return try inertia.total(of: source.communicator)
    }

    private func fill(_ sums: inout Sums, _ farthest: FarthestFrames, _ source: some FrameSource) throws {
        let empty = (0..<clusters).filter { sums.counts[$0] == 0 }
        guard !empty.isEmpty, source.count > clusters else { return }
        let chosen = try farthest.first(empty.count, of: source.communicator)
        let frames = try source.gather(chosen.map(\.frame))
        for (row, (cluster, distant)) in zip(empty, chosen).enumerated() {
            sums.move(frames.pointer + row * dimensions, from: Int(distant.label), to: cluster)
        }
    }

    /// Some frames of a source and what they are nearest to.
    struct Piece {
        /// The place of the first of them in the source.
        let start: Int
        /// [labels, D].
        let frames: UnsafeMutablePointer<Float>
        var labels: [Int32]
        var distances: [Double]
    }

    private func forEachPiece(of source: some FrameSource, _ body: (Piece) throws -> Void) throws {
        precondition(
            source.dimensions == dimensions, "frames have \(source.dimensions), centroids \(dimensions)")
        let single = SinglePrecision(self)
        let own = source.own
        let buffer = Tensor(uninitialized: [min(own.count, Self.piece), dimensions])
        for start in stride(from: own.lowerBound, to: own.upperBound, by: Self.piece) {
            let rows = start..<min(start + Self.piece, own.upperBound)
            try source.read(rows, into: buffer.pointer)
            var piece = Piece(
                start: start, frames: buffer.pointer, labels: Array(repeating: 0, count: rows.count),
                distances: Array(repeating: 0, count: rows.count))
            single.assign(buffer.pointer, &piece.labels, &piece.distances)
            try body(piece)
        }
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
            _ frames: UnsafeMutablePointer<Float>, _ labels: inout [Int32], _ distances: inout [Double]
        ) {
            assign(frames, rows: labels.count, &labels, &distances)
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
