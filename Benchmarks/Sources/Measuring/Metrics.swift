import Benchmark
import Workloads

/// What is measured beside the clock. Metrics are integers.
extension BenchmarkMetric {
    /// Of the sum as written, whatever the algorithm: so a fast convolution can exceed sgemm.
    public static let gigaflops = rate("GFLOP/s")
    /// That rate by the rate of sgemm with as many threads, measured just before in the same process.
    public static let sgemmShare = rate("% of sgemm")
    public static let gigabytes = rate("GB/s")
    /// That rate by the rate of a large copy.
    public static let copyShare = rate("% of copy")
    /// Seconds of audio per second.
    public static let audioRate = rate("audio s/s")
    /// Time with one thread by time with two.
    public static let speedUp = rate("speed-up, %")
    public static let perCrop = custom("ms per crop", polarity: .prefersSmaller, useScalingFactor: false)

    /// A part of a benchmark's time.
    public static func stage(_ name: String) -> BenchmarkMetric {
        custom("\(name), ms", polarity: .prefersSmaller, useScalingFactor: false)
    }

    private static func rate(_ name: String) -> BenchmarkMetric {
        custom(name, polarity: .prefersLarger, useScalingFactor: false)
    }
}

extension Benchmark {
    public func measurement(_ metric: BenchmarkMetric, _ value: Double) {
        measurement(metric, Int(value.rounded()))
    }
}

extension Benchmark.Configuration {
    /// One call to warm up, then calls for some seconds.
    public static func calls(
        _ metrics: [BenchmarkMetric], seconds: Int = 1, atMost count: Int = 50, warmups: Int = 1,
        units: BenchmarkTimeUnits = .milliseconds
    ) -> Benchmark.Configuration {
        Benchmark.Configuration(
            metrics: metrics, timeUnits: units, warmupIterations: warmups, maxDuration: .seconds(seconds),
            maxIterations: count)
    }
}
