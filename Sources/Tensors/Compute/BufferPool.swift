import Synchronization

/// Recycles the memory of tensors, so that after the first update of a training run the allocator and the
/// page faults of fresh memory are out of the profile.
///
/// Sizes are rounded up to an eighth of a power of two, so that nearly equal lengths share buffers.
final class BufferPool: Sendable {
    static let shared = BufferPool()

    private struct Buffer: @unchecked Sendable {
        let base: UnsafeMutablePointer<Float>
    }

    private let free = Mutex<[Int: [Buffer]]>([:])

    /// Uninitialised, aligned to a cache line.
    func take(_ count: Int) -> (base: UnsafeMutablePointer<Float>, capacity: Int) {
        let capacity = Self.roundUp(count)
        if let buffer = free.withLock({ $0[capacity]?.popLast() }) { return (buffer.base, capacity) }
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
        return (raw.bindMemory(to: Float.self, capacity: capacity), capacity)
    }

    func giveBack(_ base: UnsafeMutablePointer<Float>, capacity: Int) {
        let buffer = Buffer(base: base)
        free.withLock { $0[capacity, default: []].append(buffer) }
    }

    /// Returns all idle buffers to the system.
    func drain() {
        let buffers = free.withLock { pool in
            defer { pool = [:] }
            return pool
        }
        for buffer in buffers.values.joined() { UnsafeMutableRawPointer(buffer.base).deallocate() }
    }

    private static func roundUp(_ count: Int) -> Int {
        guard count > 64 else { return 64 }
        let step = 1 << max(3, Int.bitWidth - count.leadingZeroBitCount - 4)
        return (count + step - 1) / step * step
    }
}

/// The memory behind one or several tensors; goes back to the pool with the last of them.
final class Storage {
    let base: UnsafeMutablePointer<Float>
    private let capacity: Int

    init(count: Int) {
        (base, capacity) = BufferPool.shared.take(count)
    }

    deinit { BufferPool.shared.giveBack(base, capacity: capacity) }
}
