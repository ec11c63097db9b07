import Foundation

/// Memory between two pages that nobody may touch: whoever reads or writes beside it ends with a signal.
final class GuardedMemory {
    enum Placement: CaseIterable {
        /// With room on both sides, and the alignment that memory usually has.
        case roomy
        /// Begins at the end of the first guard page.
        case afterGuard
        /// An element behind that: aligned to an element and no more.
        case misaligned
        /// Ends where the second guard page begins.
        case beforeGuard
    }

    let pointer: UnsafeMutableRawPointer
    let count: Int
    private let mapping: UnsafeMutableRawPointer
    private let mapped: Int

    init(_ bytes: [UInt8], elementSize: Int, _ placement: Placement) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let room = (bytes.count + 2 * elementSize + page - 1) / page * page + page
        count = bytes.count
        mapped = room + 2 * page
        mapping = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let start = mapping + page
        switch placement {
        case .roomy: pointer = start + 256
        case .afterGuard: pointer = start
        case .misaligned: pointer = start + elementSize
        case .beforeGuard: pointer = start + room - bytes.count
        }
        UnsafeMutableRawBufferPointer(start: pointer, count: count).copyBytes(from: bytes)
        mprotect(mapping, page, PROT_NONE)
        mprotect(start + room, page, PROT_NONE)
    }

    deinit { munmap(mapping, mapped) }

    var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: pointer, count: count)) }
}
