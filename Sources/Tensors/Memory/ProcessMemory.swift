import Foundation

/// Memory of this process.
public enum ProcessMemory {
    /// Largest resident size so far, in bytes; 0 where the system does not tell.
    public static var peakBytes: Int {
        var usage = rusage()
        #if canImport(Darwin)
            return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0
        #else
            // Linux counts in KiB.
            return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss * 1024 : 0
        #endif
    }

    /// What this process can have at most, in bytes: the machine's memory, or less where its control group
    /// (containers) or a limit on addresses (`ulimit -v`) leaves less.
    public static var limitBytes: Int {
        var limits = [Int(clamping: ProcessInfo.processInfo.physicalMemory)]
        for file in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
            if let value = firstNumber(of: file) { limits.append(value) }
        }
        #if os(Linux)
            var limit = rlimit()
            if getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max {
                let used = (firstNumber(of: "/proc/self/statm") ?? 0) * Int(getpagesize())
                limits.append(max(0, Int(clamping: limit.rlim_cur) - used))
            }
        #endif
        return limits.min() ?? .max
    }

    private static func firstNumber(of file: String) -> Int? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        return text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
}
