import Foundation
import Tensors
import Testing

@Suite struct UsableCoresTests {
    /// As under `taskset -c N`.
    @Test func onlyCoresThatTheThreadMayRunOnCount() throws {
        var all = cpu_set_t()
        try #require(sched_getaffinity(0, MemoryLayout<cpu_set_t>.size, &all) == 0)
        defer { sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &all) }
        let cores = withUnsafeBytes(of: &all) { bytes in
            (0..<8 * bytes.count).filter { bytes[$0 / 8] >> ($0 % 8) & 1 == 1 }
        }
        #expect(Parallel.countUsableCores() == cores.count)
        var one = cpu_set_t()
        let core = try #require(cores.first)
        withUnsafeMutableBytes(of: &one) { $0[core / 8] = 1 << (core % 8) }
        try #require(sched_setaffinity(0, MemoryLayout<cpu_set_t>.size, &one) == 0)
        #expect(Parallel.countUsableCores() == 1)
    }
}
