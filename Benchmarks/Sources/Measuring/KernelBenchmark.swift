import Benchmark
import Tensors
import Workloads

/// What a call of a kernel computes or moves.
public enum KernelWork: Sendable {
    case operations(Double)
    /// Floats read and written.
    case floats(Int)
}

/// Registers a kernel with one thread and with all, and the rate by that of the machine, measured just before.
///
/// - Parameters:
///   - setup: makes the operands.
///   - call: prepares what is not to be measured, and hands the rest to `timed`.
public func kernel<Operands>(
    _ name: String, _ work: KernelWork, setup: @escaping () throws -> Operands,
    call: @escaping (_ operands: Operands, _ timed: (() -> Void) -> Void) -> Void
) {
    let metrics: [BenchmarkMetric] =
        switch work {
        case .operations: [.wallClock, .gigaflops, .sgemmShare]
        case .floats: [.wallClock, .gigabytes, .copyShare]
        }
    for threads in Set([1, Parallel.threads]).sorted() {
        Benchmark(
            "\(name), \(threads) thread\(threads == 1 ? "" : "s")",
            configuration: .calls(metrics, units: .microseconds),
            closure: { (benchmark: Benchmark, state: (Operands, Machine)) in
                let (operands, machine) = state
                Parallel.threads = threads
                call(operands) { body in
                    benchmark.startMeasurement()
                    let time = seconds(body)
                    benchmark.stopMeasurement()
                    switch work {
                    case .operations(let count):
                        benchmark.measurement(.gigaflops, count / time / 1e9)
                        benchmark.measurement(.sgemmShare, 100 * count / time / machine.sgemmRate)
                    case .floats(let count):
                        benchmark.measurement(.gigabytes, 4 * Double(count) / time / 1e9)
                        benchmark.measurement(.copyShare, 400 * Double(count) / time / machine.copyRate)
                    }
                }
            },
            setup: { (try setup(), Machine.measure(threads: threads)) })
    }
}
