import Foundation

/// Memory from the system, which begins with a cache line. Given back by `free`.
///
/// Swift's own allocation would end the process without a word where there is none. Operations on tensors do not throw, so
/// this ends it too, with a message; a program that wants another end replaces the C library's `posix_memalign`, as the
/// command does (`CMemory`).
package func systemMemory(byteCount: Int) -> UnsafeMutableRawPointer {
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, max(byteCount, 64)) == 0, let memory else {
        fatalError("not enough memory: \(byteCount) bytes more cannot be had")
    }
    return memory
}
