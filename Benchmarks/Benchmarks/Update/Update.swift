import Benchmark
import Measuring
import Tensors
import VQWav2Vec
import Workloads

/// A training update of the paper's model, whole and by stage.
let benchmarks: @Sendable () -> Void = {
    registerUpdate(.gumbel, batch: 1)
    registerUpdate(.gumbel, batch: 2)
    registerUpdate(.kmeans, batch: 1)
    registerUpdate(.gumbel, batch: 1, precision: .bf16)
    registerUpdate(.gumbel, batch: 2, precision: .bf16)
    registerUpdate(.kmeans, batch: 1, precision: .bf16)
}

private func registerUpdate(_ kind: PaperModel.Kind, batch: Int, precision: Precision = .float32) {
    let metrics: [BenchmarkMetric] = [
        .wallClock, .cpuUser, .peakMemoryResident, .gigaflops, .sgemmShare,
    ]
    Benchmark(
        "\(kind.rawValue), \(batch) x \(PaperModel.cropSamples) samples"
            + (precision == .bf16 ? ", bf16" : ""),
        configuration: .calls(
            metrics + TrainingUpdate.stages.map(BenchmarkMetric.stage), seconds: 15, atMost: 10, warmups: 2),
        closure: { (benchmark: Benchmark, state: UpdateState) in
            var stages: [Double] = []
            benchmark.startMeasurement()
            let time = try seconds { stages = try state.update().stages }
            benchmark.stopMeasurement()
            benchmark.measurement(.gigaflops, state.operations / time / 1e9)
            benchmark.measurement(.sgemmShare, 100 * state.operations / time / state.machine.sgemmRate)
            for (name, seconds) in zip(TrainingUpdate.stages, stages) {
                benchmark.measurement(.stage(name), 1000 * seconds)
            }
        },
        setup: { try UpdateState(kind, batch: batch, precision) })
}

private struct UpdateState {
    let machine = Machine.measure(threads: Parallel.threads)
    let update: TrainingUpdate
    /// Of the sums as written.
    let operations: Double

    init(_ kind: PaperModel.Kind, batch: Int, _ precision: Precision) throws {
        update = try TrainingUpdate(kind, batch: batch, precision: precision)
        operations = update.cost.directOperations
    }
}
