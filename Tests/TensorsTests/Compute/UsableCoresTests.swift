import Foundation
import Tensors
import Testing

@Suite struct UsableCoresTests {
    @Test func onlyCoresThatTheThreadMayRunOnCount() throws {
        let thread = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        let allowed = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
            .split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }?.split(separator: "\t").last
        let cores = String(try #require(allowed))
        let number = String(thread.split(separator: "/").last ?? "")
        let before = Parallel.countUsableCores()
        #expect(before >= 1)
        try bind(number, to: String(cores.prefix { $0.isNumber }))
        defer { try? bind(number, to: cores) }
        #expect(Parallel.countUsableCores() == 1)
        try bind(number, to: cores)
        #expect(Parallel.countUsableCores() == before)
    }

    /// As `taskset -c N` does to what it starts.
    private func bind(_ thread: String, to cores: String) throws {
        let taskset = try Process.run(
            URL(fileURLWithPath: "/usr/bin/taskset"), arguments: ["-cp", cores, thread])
        taskset.waitUntilExit()
        try #require(taskset.terminationStatus == 0)
    }
}
