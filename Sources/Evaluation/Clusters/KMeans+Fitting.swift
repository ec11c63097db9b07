import Foundation
import Tensors

/// How clusters are fitted.
public struct ClusterOptions: Equatable, Sendable {
    /// K.
    public var clusters: Int
    /// At most this many passes over the frames.
    public var iterations = 100
    /// Stops where an iteration lowers the inertia by less than this share of it; 0 for not before the labels stay.
    public var tolerance = 1e-4
    /// Passes in small steps before those over all frames (Sculley 2010): close to the end in a fraction of the time
    /// where frames are many.
    public var miniBatchPasses = 1
    /// Frames of such a step.
    public var batch = 4096
    public var seed = 0

    public init(clusters: Int) { self.clusters = clusters }
}

extension KMeans {
    /// How far the fitting has come.
    public struct Progress: Sendable {
        /// Iterations over all frames that are done.
        public let iteration: Int
        /// By the centroids before the last of them.
        public let inertia: Double
        public let isFinished: Bool
    }

    /// Centroids among frames that lie far from each other (k-means++, Arthur and Vassilvitskii 2007): each is drawn in
    /// proportion to the squared distance to the nearest one before, the best of several draws.
    /// - Parameters:
    ///   - source: at least K frames.
    ///   - sample: the frames among which is chosen, at random.
    /// - Throws: `FileError`; `EvaluationError` where there are fewer frames than clusters; of several processes
    ///   `ProcessFailure` or `CommunicationError`.
    public init(
        startingFrom source: some FrameSource, clusters: Int, seed: Int, sample: Int? = nil
    ) throws {
        guard source.count >= clusters, clusters > 0 else {
            throw EvaluationError.tooFewFrames(source.count, clusters: clusters)
        }
        var stream = RandomStream(seed: seed, purpose: .clusters)
        let wanted = min(source.count, max(clusters, sample ?? max(25_000, 50 * clusters)))
        let rows = wanted == source.count ? Array(0..<wanted) : stream.choice(wanted, of: source.count)
        let frames = try source.gather(rows)
        self.init(
            centroids: Self.spread(frames, clusters: clusters, &stream), clusters: clusters,
            dimensions: source.dimensions)
        try shareAmong(source.communicator)
    }

    private static func spread(_ frames: Tensor, clusters: Int, _ stream: inout RandomStream) -> [Double] {
        var spread = SpreadCentroids(frames)
        spread.add([stream.nextInteger(below: frames.shape[0])])
        // As many draws as scikit-learn makes.
        let trials = 2 + Int(log(Double(clusters)))
        for _ in 1..<clusters {
            let total = spread.tileSums.reduce(0, +)
            spread.add(
                (0..<trials).map { _ in
                    total > 0
                        ? spread.row(at: fraction(&stream) * total)
                        : stream.nextInteger(below: frames.shape[0])
                })
        }
        return spread.rows.flatMap { row in
            (0..<frames.shape[1]).map { Double(frames.pointer[row * frames.shape[1] + $0]) }
        }
    }

    /// Uniform in [0, 1), finer than a float.
    private static func fraction(_ stream: inout RandomStream) -> Double {
        (Double(stream.nextWord()) + Double(stream.nextWord()) * 0x1p-32) * 0x1p-32
    }

    /// Iterates until the labels stay, the inertia hardly falls, or there were enough iterations.
    ///
    /// An interrupted fit goes on from its centroids with the same result.
    /// - Parameters:
    ///   - done: iterations that were done before.
    ///   - inertia: of the last of them.
    ///   - after: called after each iteration, in all processes; what it throws ends the fit.
    /// - Throws: `FileError`, and what `after` throws; of several processes `ProcessFailure` or `CommunicationError`.
    public mutating func fit(
        _ source: some FrameSource, _ options: ClusterOptions, done: Int = 0, inertia: Double = .infinity,
        after: (KMeans, Progress) throws -> Void = { _, _ in }
    ) throws {
        if done == 0 {
            for pass in 0..<options.miniBatchPasses where source.count > 4 * options.batch {
                try descend(source, options, pass: pass)
            }
        }
        var inertia = inertia
        for iteration in done..<max(done, options.iterations) {
            let before = centroids
            let newInertia = try iterate(source)
            let change = inertia - newInertia
            // Centroids are the means of the labels: they stay where these do, and are known after a stop too.
            let isFinished =
                centroids == before || iteration + 1 == options.iterations
                || inertia.isFinite && change < options.tolerance * inertia && options.tolerance > 0
            inertia = newInertia
            try after(self, Progress(iteration: iteration + 1, inertia: inertia, isFinished: isFinished))
            if isFinished { break }
        }
    }

    /// One pass over the frames in random order in small steps, each of which moves centroids to the mean of all frames
    /// that they were given in the pass.
    private mutating func descend(_ source: some FrameSource, _ options: ClusterOptions, pass: Int) throws {
        var stream = RandomStream(seed: options.seed, purpose: .clusters, update: pass + 1)
        // Neighbours are alike: batches take short stretches from all over, of very many frames longer ones, lest the order of
        // stretches itself need much memory.
        let stretch = 16 * (1 + source.count >> 26)
        let stretches = stream.permutation((source.count + stretch - 1) / stretch)
        let step = max(1, options.batch / stretch)
        var counts = [Int](repeating: 0, count: clusters)
        for start in stride(from: 0, to: stretches.count, by: step) {
            let chosen = stretches[start..<min(start + step, stretches.count)]
            let rows = chosen.map { $0 * stretch..<min(($0 + 1) * stretch, source.count) }
                .map { $0.clamped(to: source.own) }
            var sums = Sums(of: source, clusters: clusters)
            try source.communicator.together {
                let frames = Tensor(uninitialized: [rows.reduce(0) { $0 + $1.count }, dimensions])
                var row = 0
                for range in rows {
                    try source.read(range, into: frames.pointer + row * dimensions)
                    row += range.count
                }
                sums.add(frames.pointer, assign(frames).labels[...])
            }
            try sums.shareAmong(source.communicator)
            for cluster in 0..<clusters where sums.counts[cluster] > 0 {
                let total = counts[cluster] + sums.counts[cluster]
                for d in 0..<dimensions {
                    let place = cluster * dimensions + d
                    move(
                        place,
                        to: (centroids[place] * Double(counts[cluster]) + sums.values[place]) / Double(total))
                }
                counts[cluster] = total
            }
        }
    }
}

extension RandomStream {
    /// Distinct numbers below `count`, in order (Knuth's algorithm S).
    mutating func choice(_ wanted: Int, of count: Int) -> [Int] {
        var chosen: [Int] = []
        chosen.reserveCapacity(wanted)
        for number in 0..<count where chosen.count < wanted {
            if nextInteger(below: count - number) < wanted - chosen.count { chosen.append(number) }
        }
        return chosen
    }
}

extension RandomStream.Purpose {
    static let clusters = RandomStream.Purpose(21)
}
