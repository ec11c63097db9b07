import Communication
import Foundation
import Tensors

// The exchange of gradients alone, as an update makes it where each process has one batch. Under mpirun, arguments are
// millions of values: prints for each of them the median time of ten exchanges, from the moment when all have come, with
// one bucket after the other and with some on their way while one is summed, in turn.

let communicator = try Launcher.join()
let millions = CommandLine.arguments.dropFirst().compactMap(Double.init)
let ways = [("one after the other", 0), ("three ahead", 3)]
for count in millions.map({ Int($0 * 1e6) }) {
    let own = Tensor(zeros: [count])
    let sum = Tensor(uninitialized: [count])
    var seconds = ways.map { _ in [Double]() }
    for _ in 0..<11 {
        for (way, (_, ahead)) in ways.enumerated() {
            try communicator.barrier()
            let start = ContinuousClock.now
            try communicator.sum(
                leaves: communicator.size, count: count, ahead: ahead,
                read: { $2.update(from: own.pointer + $1.lowerBound, count: $1.count) },
                write: { (sum.pointer + $0.lowerBound).update(from: $1, count: $0.count) })
            try communicator.barrier()
            seconds[way].append((ContinuousClock.now - start) / .seconds(1))
        }
    }
    guard communicator.isFirst else { continue }
    for ((name, _), seconds) in zip(ways, seconds) {
        // The first one connects the processes.
        let sorted = seconds.dropFirst().sorted()
        let median = sorted[sorted.count / 2]
        print(
            String(
                format:
                    "%d processes, %5.1f million values, %6.1f MB: %.4f s (%.4f to %.4f), %.2f GB/s each, %@",
                communicator.size, Double(count) / 1e6, Double(4 * count) / 1e6, median, sorted[0],
                sorted[sorted.count - 1],
                8e-9 * Double(count) * Double(communicator.size - 1) / Double(communicator.size) / median,
                name))
    }
}
communicator.end()
