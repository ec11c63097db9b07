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

    /// All counts in floats.
    private struct State {
        var idle: [Int: [Buffer]] = [:]
        var idleCount = 0
        var usedCount = 0
        var mostUsed = 0
    }

    private let state = Mutex(State())

    /// Uninitialised, aligned to a cache line.
    func take(_ count: Int) -> (base: UnsafeMutablePointer<Float>, capacity: Int) {
        let capacity = Self.roundUp(count)
        let (found, surplus) = state.withLock { state -> (Buffer?, [Buffer]) in
            state.usedCount += capacity
            state.mostUsed = max(state.mostUsed, state.usedCount)
            if let buffer = state.idle[capacity]?.popLast() {
                state.idleCount -= capacity
                return (buffer, [])
            }
            // Buffers for lengths that no longer come up must not pile up: all memory together stays below
            // one and a half times what is really needed.
            guard state.usedCount + state.idleCount > state.mostUsed / 2 * 3 else { return (nil, []) }
            defer { (state.idle, state.idleCount) = ([:], 0) }
            return (nil, Array(state.idle.values.joined()))
        }
        for buffer in surplus { UnsafeMutableRawPointer(buffer.base).deallocate() }
        if let found { return (found.base, capacity) }
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
        return (raw.bindMemory(to: Float.self, capacity: capacity), capacity)
    }

    func giveBack(_ base: UnsafeMutablePointer<Float>, capacity: Int) {
        let buffer = Buffer(base: base)
        state.withLock { state in
            state.usedCount -= capacity
            state.idleCount += capacity
            state.idle[capacity, default: []].append(buffer)
        }
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
