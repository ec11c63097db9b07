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
}
