import ArgumentParser
import Evaluation
import Tensors
import Workloads

/// k-means as `vqw2v cluster` fits it, on frames in memory.
struct Clusters: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Clusters of frames.")

    @Option(help: "Raw little-endian float32 frames.")
    var frames: String
    @Option(help: "Values of a frame.")
    var dimensions = 39
    @Option(help: "Clusters.")
    var units = 100
    @Option(help: "Measured fits.")
    var repeats = 5
    @OptionGroup var threads: Threads

    func run() throws {
        threads.apply()
        let values = try readSamples(frames)
        let source = FrameMatrix(Tensor(values, shape: [values.count / dimensions, dimensions]))
        var fitted: KMeans?
        let times = try (0..<repeats).map { _ in
            try seconds {
                var kmeans = try KMeans(startingFrom: source, clusters: units, seed: 0)
                try kmeans.fit(source, ClusterOptions(clusters: units))
                fitted = kmeans
            }
        }
        var timing = Timing(seconds: times)
        timing.inertia = try fitted?.assign(source).inertia
        try printJSON(timing)
    }
}
