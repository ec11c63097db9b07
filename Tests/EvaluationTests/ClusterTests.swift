import Communication
import Evaluation
import Files
import Foundation
import Tensors
import TestSupport
import Testing

/// k-means where no reference has an example: seeds, stops, pieces and threads.
@Suite struct ClusterTests {
    /// Frames around a few points.
    private func frames(_ count: Int, dimensions: Int, points: Int) -> Tensor {
        var stream = RandomStream(seed: 3, purpose: RandomStream.Purpose(99))
        let centres = (0..<points * dimensions).map { _ in 8 * stream.nextNormal() }
        var values: [Float] = []
        for row in 0..<count {
            for d in 0..<dimensions {
                values.append(centres[row % points * dimensions + d] + stream.nextNormal())
            }
        }
        return Tensor(values, shape: [count, dimensions])
    }

    @Test func ratesWithoutMFCCs() {
        #expect(throws: EvaluationError.rateTooLow(999)) { try MFCC(sampleRate: 999) }
        #expect(throws: Never.self) { try MFCC(sampleRate: 1000) }
    }

    @Test func separateClustersAreFound() throws {
        let source = FrameMatrix(frames(4000, dimensions: 7, points: 9))
        var kmeans = try KMeans(startingFrom: source, clusters: 9, seed: 1)
        try kmeans.fit(source, ClusterOptions(clusters: 9))
        let assignment = try kmeans.assign(source)
        // Each is a point's, and has all of its frames.
        let pairs = Set(assignment.labels.enumerated().map { [$0 % 9, Int($1)] })
        #expect(pairs.count == 9)
        #expect(abs(assignment.inertia / 4000 - 7) < 0.5)
    }

    /// In double precision, frame by frame.
    @Test func distancesAreExact() throws {
        // Far from the origin single precision alone would choose wrongly.
        let near = frames(500, dimensions: 33, points: 3)
        let far = Tensor(near.values.map { $0 + 3000 }, shape: near.shape)
        let values = far.values.map(Double.init)
        let centroids: [Double] = (0..<40 * 33).map { (index: Int) -> Double in
            values[index * 11 % values.count] + Double(index % 5) * 1e-3
        }
        let assignment = KMeans(centroids: centroids, clusters: 40, dimensions: 33).assign(far)
        for row in 0..<500 {
            var distances: [Double] = []
            for cluster in 0..<40 {
                var distance = 0.0
                for d in 0..<33 {
                    let difference = values[row * 33 + d] - centroids[cluster * 33 + d]
                    distance += difference * difference
                }
                distances.append(distance)
            }
            let least = distances.min() ?? 0
            #expect(abs(assignment.distances[row] - least) <= 1e-9 * max(1, least))
            #expect(distances[Int(assignment.labels[row])] <= least + 1e-9 * max(1, least))
        }
    }

    /// Its square is no number of single precision: all are compared in double precision, and no others.
    @Test(arguments: [1, 16]) func aHugeCentroidIsJustFar(dimensions: Int) {
        let centroids: [Double] = [3, 1e20, 5].flatMap { Array(repeating: $0, count: dimensions) }
        let frames = Tensor(
            [0.5, 4.75, 2, 9e19].flatMap { Array(repeating: Float($0), count: dimensions) },
            shape: [4, dimensions])
        let assignment = KMeans(centroids: centroids, clusters: 3, dimensions: dimensions).assign(frames)
        #expect(assignment.labels == [0, 2, 0, 1])
        let squares: [Double] = [6.25, 0.0625, 1].map { $0 * Double(dimensions) }
        #expect(Array(assignment.distances.prefix(3)) == squares)
    }

    @Test(arguments: [Float.nan, .infinity]) func centroidsThatAreNoNumbersAreRefused(value: Float) throws {
        let path = NSTemporaryDirectory() + "clusters-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let kmeans = KMeans(centroids: [1, Double(value), 2, 3], clusters: 2, dimensions: 2)
        try ClusterFile(path: path, kmeans: kmeans, metadata: [:]).write()
        let problem = "has centroids of shape [2, 2], or that are not finite; make it anew"
        #expect(throws: FileError.unusable(path: path, problem: problem)) { try ClusterFile(path: path) }
    }

    /// Another file may have taken the name meanwhile.
    @Test func theHashIsOfWhatWasRead() throws {
        let folder = try TemporaryFolder()
        func write(_ value: Double) throws {
            let kmeans = KMeans(centroids: [1, value, 2, 3], clusters: 2, dimensions: 2)
            try ClusterFile(path: folder.file("clusters"), kmeans: kmeans, metadata: [:]).write()
        }
        try write(5)
        let (read, hash) = (
            try ClusterFile(path: folder.file("clusters")),
            try FileHash(path: folder.file("clusters")).value()
        )
        try write(6)
        #expect(try read.hash().value() == hash)
        #expect(try FileHash(path: folder.file("clusters")).value() != hash)
    }

    @Test func stopsAndThreadsChangeNothing() throws {
        let all = frames(30_000, dimensions: 5, points: 12)
        let spool = FrameSpool(dimensions: 5, limit: 100_000, for: NSTemporaryDirectory() + "clusters")
        for start in stride(from: 0, to: 30_000, by: 7000) {
            let count = min(7000, 30_000 - start)
            try spool.append(
                Tensor(Array(all.values[start * 5..<(start + count) * 5]), shape: [count, 5]))
        }
        #expect(spool.count == 30_000)
        var options = ClusterOptions(clusters: 20)
        (options.iterations, options.tolerance) = (12, 1e-9)
        let before = Parallel.threads
        defer { Parallel.threads = before }
        var results: [[Double]] = []
        for threads in [1, 3] {
            Parallel.threads = threads
            var kmeans = try KMeans(startingFrom: FrameMatrix(all), clusters: 20, seed: 5)
            try kmeans.fit(FrameMatrix(all), options)
            results.append(kmeans.centroids)
        }
        // From the file, stopped after five iterations.
        struct Stop: Error {}
        var kmeans = try KMeans(startingFrom: spool, clusters: 20, seed: 5)
        var (saved, inertia) = (kmeans, 0.0)
        #expect(throws: Stop.self) {
            try kmeans.fit(spool, options) { state, progress in
                (saved, inertia) = (state, progress.inertia)
                if progress.iteration == 5 { throw Stop() }
            }
        }
        try saved.fit(spool, options, done: 5, inertia: inertia)
        results.append(saved.centroids)
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    /// Centroids and inertia, as bits, of processes that have parts of unlike lengths, of several pieces of memory some. Some
    /// clusters lose their frames.
    @Test func processesChangeNothing() throws {
        // Values of so unlike magnitudes that double precision alone would round their sums by the order.
        let values = frames(70_000, dimensions: 5, points: 6).values.enumerated().map {
            $1 * ($0 * 7919 % 31 < 10 ? 1e-6 : 1)
        }
        let all = Tensor(values, shape: [70_000, 5])
        var options = ClusterOptions(clusters: 30)
        (options.iterations, options.tolerance, options.miniBatchPasses) = (8, 0, 1)
        var duplicates = KMeans(
            centroids: (0..<30 * 5).map { Double($0 < 28 * 5 ? $0 % 7 : 1000) }, clusters: 30, dimensions: 5)
        _ = try duplicates.iterate(FrameMatrix(all))

        let parts = [
            [0..<70_000], [0..<35_001, 35_001..<70_000], [0..<1, 1..<1, 1..<50_000, 50_000..<70_000],
        ]
        let results = try parts.flatMap { ranges in
            try ThreadCommunicator.run(ranges.count) { [options] communicator in
                let rows = ranges[communicator.rank]
                let spool = FrameSpool(dimensions: 5, for: NSTemporaryDirectory() + "clusters")
                let values = all.values[rows.lowerBound * 5..<rows.upperBound * 5]
                try spool.append(Tensor(values, shape: [rows.count, 5]))
                let source = try #require(
                    try SharedFrames(rows.isEmpty ? nil : spool, communicator: communicator))
                var kmeans = try KMeans(startingFrom: source, clusters: 30, seed: 5)
                var inertias: [UInt64] = []
                try kmeans.fit(source, options) { inertias.append($1.inertia.bitPattern) }
                var far = KMeans(
                    centroids: (0..<30 * 5).map { Double($0 < 28 * 5 ? $0 % 7 : 1000) }, clusters: 30,
                    dimensions: 5)
                _ = try far.iterate(source)
                return [inertias, kmeans.centroids.map(\.bitPattern), far.centroids.map(\.bitPattern)]
            }.map { try $0.get() }
        }
        #expect(results.count == 7 && results.allSatisfy { $0 == results[0] })
        #expect(results[0][2] == duplicates.centroids.map(\.bitPattern))
    }

    /// Frames of a process whose file cannot be read anymore.
    private struct LostFrames: FrameSource {
        let frames: SharedFrames
        let isLost: Bool
        var count: Int { frames.count }
        var dimensions: Int { frames.dimensions }
        var largest: Float { frames.largest }
        var own: Range<Int> { frames.own }
        var communicator: any Communicator { frames.communicator }

        func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
            if isLost { throw FileError.closed(path: "frames") }
            try frames.read(rows, into: target)
        }
    }

    @Test(arguments: [true, false])
    func anErrorOfOneProcessEndsAll(inSteps: Bool) throws {
        let all = frames(300, dimensions: 4, points: 3)
        let results = ThreadCommunicator.run(3, deadline: 10) { communicator in
            let rows = communicator.share(of: 300)
            let spool = FrameSpool(dimensions: 4, for: NSTemporaryDirectory() + "clusters")
            try spool.append(
                Tensor(all.values[rows.lowerBound * 4..<rows.upperBound * 4], shape: [rows.count, 4]))
            let shared = try #require(try SharedFrames(spool, communicator: communicator))
            var options = ClusterOptions(clusters: 3)
            (options.miniBatchPasses, options.batch) = (inSteps ? 1 : 0, 64)
            var kmeans = KMeans(centroids: Array(repeating: 0, count: 12), clusters: 3, dimensions: 4)
            try kmeans.fit(LostFrames(frames: shared, isLost: communicator.rank == 1), options)
        }
        for result in results {
            let failure = #expect(throws: ProcessFailure.self) { try result.get() }
            #expect(failure?.rank == 1)
        }
    }

    @Test func tooFewFrames() {
        #expect(throws: EvaluationError.tooFewFrames(3, clusters: 4)) {
            try KMeans(startingFrom: FrameMatrix(frames(3, dimensions: 2, points: 1)), clusters: 4, seed: 0)
        }
    }

    @Test func shortRunsAreMerged() {
        #expect(UnitRuns.merged([1, 1, 1, 2, 1, 1, 1], shorterThan: 2) == [1, 1, 1, 1, 1, 1, 1])
        #expect(UnitRuns.merged([2, 1, 1, 1, 3, 3], shorterThan: 2) == [1, 1, 1, 1, 3, 3])
        #expect(UnitRuns.merged([1, 2, 3], shorterThan: 1) == [1, 2, 3])
        #expect(UnitRuns.merged([1, 2, 3], shorterThan: 3) == [3, 3, 3])
        #expect(UnitRuns.merged([], shorterThan: 3) == [])
    }
}
