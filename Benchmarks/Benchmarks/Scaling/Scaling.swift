import Benchmark
import Measuring
import Tensors
import VQWav2Vec
import Workloads

/// How time changes with threads, length and batch.
let benchmarks: @Sendable () -> Void = {
    for threads in Set([2, Parallel.threads]).sorted() where threads <= Parallel.threads && threads > 1 {
        registerThreads(
            "update", threads, setup: { try TrainingUpdate(.gumbel, batch: 1) }, call: { try $0() })
        registerThreads(
            "tokens of 15 s", threads, setup: { (try Tokenizer(), PaperModel.waveform(samples: 240_000)) },
            call: { blackHole(try $0.0($0.1)) })
    }
    for length in [15, 30, 60, 120] { registerLength(length) }
    for batch in [1, 2, 4] { registerBatch(batch) }
}

/// Calls with one thread and with several take turns, so that both see the same machine.
private func registerThreads<State>(
    _ name: String, _ threads: Int, setup: @escaping () throws -> State,
    call: @escaping (State) throws -> Void
) {
    Benchmark(
        "threads 1 to \(threads), \(name)",
        configuration: .calls([.wallClock, .speedUp], seconds: 20, atMost: 10),
        closure: { (benchmark: Benchmark, state: State) in
            Parallel.threads = 1
            let one = try seconds { try call(state) }
            Parallel.threads = threads
            benchmark.startMeasurement()
            let several = try seconds { try call(state) }
            benchmark.stopMeasurement()
            benchmark.measurement(.speedUp, 100 * one / several)
        },
        setup: setup)
}

private func registerLength(_ length: Int) {
    Benchmark(
        "length, tokens of \(length) s",
        configuration: .calls([.wallClock, .audioRate, .peakMemoryResident], seconds: 10, atMost: 10),
        closure: { (benchmark: Benchmark, state: (Tokenizer, [Float])) in
            let time = try seconds { blackHole(try state.0(state.1)) }
            benchmark.measurement(.audioRate, Double(length) / time)
        },
        setup: { (try Tokenizer(), PaperModel.waveform(samples: length * PaperModel.sampleRate)) })
}

private func registerBatch(_ batch: Int) {
    Benchmark(
        "batch, update of \(batch) x \(PaperModel.cropSamples) samples",
        configuration: .calls(
            [.wallClock, .perCrop, .peakMemoryResident], seconds: 15, atMost: 10),
        closure: { (benchmark: Benchmark, update: TrainingUpdate) in
            let time = try seconds { try update() }
            benchmark.measurement(.perCrop, 1000 * time / Double(batch))
        },
        setup: { try TrainingUpdate(.gumbel, batch: batch) })
}
