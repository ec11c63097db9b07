import Synchronization

/// Recycles the memory of tensors, so that after the first update of a training run the allocator and the
/// page faults of fresh memory are out of the profile.
///
/// Sizes are rounded up to an eighth of a power of two, so that nearly equal lengths share buffers.
final class BufferPool: Sendable {
    static let shared = BufferPool()

    private struct Buffer: @unchecked Sendable {
        let base: UnsafeMutablePointer<Float>
        let capacity: Int
    }

    /// All counts in floats.
    private struct State {
        /// By capacity.
        var idle: [Int: [Buffer]] = [:]
        var idleCount = 0
        var usedCount = 0
        var mostUsed = 0

        /// The smallest idle buffer that holds `capacity` and does not waste more than half as much again.
        mutating func takeIdle(_ capacity: Int) -> Buffer? {
            var best: Int?
            for candidate in idle.keys where candidate >= capacity && candidate <= capacity + capacity / 2 {
                if candidate < best ?? .max { best = candidate }
            }
            return best.flatMap { removeIdle($0) }
        }

        mutating func removeIdle(_ capacity: Int) -> Buffer? {
            guard let buffer = idle[capacity]?.popLast() else { return nil }
            if idle[capacity]?.isEmpty == true { idle[capacity] = nil }
            idleCount -= capacity
            return buffer
        }

        /// Buffers for lengths that no longer come up must not pile up: all memory together stays close to
        /// what is really needed. The largest go first: they are the fewest.
        mutating func removeSurplus() -> [Buffer] {
            var surplus: [Buffer] = []
            while usedCount + idleCount > mostUsed + mostUsed / 8, let largest = idle.keys.max() {
                guard let buffer = removeIdle(largest) else { break }
                surplus.append(buffer)
            }
            return surplus
        }
    }

    private let state = Mutex(State())

    /// Uninitialised, aligned to a cache line.
    func take(_ count: Int) -> (base: UnsafeMutablePointer<Float>, capacity: Int) {
        let wanted = Self.roundUp(count)
        let (found, surplus) = state.withLock { state -> (Buffer?, [Buffer]) in
            let buffer = state.takeIdle(wanted)
            state.usedCount += buffer?.capacity ?? wanted
            state.mostUsed = max(state.mostUsed, state.usedCount)
            return (buffer, buffer == nil ? state.removeSurplus() : [])
        }
        for buffer in surplus { UnsafeMutableRawPointer(buffer.base).deallocate() }
        if let found { return (found.base, found.capacity) }
        let raw = UnsafeMutableRawPointer.allocate(
            byteCount: wanted * MemoryLayout<Float>.stride, alignment: 64)
        return (raw.bindMemory(to: Float.self, capacity: wanted), wanted)
    }

    func giveBack(_ base: UnsafeMutablePointer<Float>, capacity: Int) {
        let buffer = Buffer(base: base, capacity: capacity)
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
