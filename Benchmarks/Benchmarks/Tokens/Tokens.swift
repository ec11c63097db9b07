import Benchmark
import Foundation
import Measuring
import VQWav2Vec
import Workloads

/// Ids of recordings of different lengths. An hour takes about a minute and 9 GB of temporary files: it is run
/// where the environment variable `HOUR` is set.
let benchmarks: @Sendable () -> Void = {
    registerTokens(.gumbel, "15 s", seconds: 15)
    registerTokens(.gumbel, "60 s", seconds: 60)
    registerTokens(.kmeans, "15 s", seconds: 15)
    if !(ProcessInfo.processInfo.environment["HOUR"] ?? "").isEmpty {
        registerTokens(.gumbel, "1 h", seconds: 3600)
    }
}

private func registerTokens(_ kind: PaperModel.Kind, _ name: String, seconds length: Int) {
    let isLong = length > 600
    Benchmark(
        "\(kind.rawValue), \(name)",
        configuration: .calls(
            [.wallClock, .cpuUser, .peakMemoryResident, .audioRate], seconds: 10,
            atMost: isLong ? 1 : 20, warmups: isLong ? 0 : 1),
        closure: { (benchmark: Benchmark, state: (Tokenizer, [Float])) in
            let (tokenizer, waveform) = state
            benchmark.startMeasurement()
            let time = try seconds { blackHole(try tokenizer(waveform)) }
            benchmark.stopMeasurement()
            benchmark.measurement(.audioRate, Double(length) / time)
        },
        setup: {
            (try Tokenizer(kind), PaperModel.waveform(samples: length * PaperModel.sampleRate))
        })
}
