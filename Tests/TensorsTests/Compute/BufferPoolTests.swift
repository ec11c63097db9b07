import CProcess
import Tensors
import TestSupport
import Testing

@Suite("Memory of tensors") struct BufferPoolTests {
    /// Lengths as a training run has them: no two updates ask for the same.
    private static func lengths(_ update: Int) -> [Int] {
        (0..<100).map { 1 + ($0 * 2_654_435_761 + update * 104_729_003) % 900_000 }
    }

    @Test("Buffers hold what was asked for, begin with a cache line and share nothing")
    func separate() {
        let pool = BufferPool()
        var buffers: [(buffer: BufferPool.Buffer, length: Int, tag: Float)] = []
        for (index, length) in (Self.lengths(0) + [0, 20_000_000]).enumerated() {
            let (buffer, tag) = (pool.take(length), Float(index))
            #expect(buffer.count >= length)
            #expect(UInt(bitPattern: buffer.base) % 64 == 0)
            buffer.base.update(repeating: tag, count: length)
            buffers.append((buffer, length, tag))
            // Every third one goes back, so that later ones are cut from its memory.
            if index % 3 == 0 { pool.giveBack(buffers.remove(at: index / 2 % buffers.count).buffer) }
        }
        #expect(buffers.count > 20)
        for (buffer, length, tag) in buffers {
            #expect(UnsafeBufferPointer(start: buffer.base, count: length).allSatisfy { $0 == tag })
        }
    }

    @Test("Parts that meet become one: what fitted once fits again, in whatever order", arguments: 0..<6)
    func coalescing(seed: Int) {
        let pool = BufferPool()
        let total = 80_000_000
        let whole = pool.take(total)
        pool.giveBack(whole)
        let reserved = pool.reserved
        #expect(reserved >= total)
        var generator = SeededGenerator(seed: UInt64(seed))
        let parts = Self.lengths(seed).map { pool.take($0) }.shuffled(using: &generator)
        parts.forEach(pool.giveBack)
        #expect(pool.reserved == reserved)
        let again = pool.take(total)
        #expect(again.base == whole.base && pool.reserved == reserved)
    }

    @Test("Updates of other lengths need no more memory from the system")
    func steady() {
        let pool = BufferPool()
        var reserved: [Int] = []
        for update in 0..<20 {
            Self.lengths(update).map { pool.take($0) }.forEach(pool.giveBack)
            reserved.append(pool.reserved)
        }
        #expect(reserved.suffix(10).allSatisfy { $0 == reserved[10] })
        let used = Self.lengths(0).reduce(0, +)
        #expect(reserved[19] <= 3 * used / 2 + (1 << 24), "\(reserved[19]) floats for \(used)")
    }

    @Test("What is too small for a larger buffer is not kept beside it")
    func growth() {
        let pool = BufferPool()
        let buffers = [20, 40, 80].map { megafloats in
            let buffer = pool.take(megafloats << 20)
            pool.giveBack(buffer)
            return buffer
        }
        #expect(pool.reserved == buffers[2].count)
    }

    @Test(
        "Address sanitizer sees what is behind a buffer, and what is idle",
        .enabled(if: isAddressSanitized))
    func forbidden() {
        let pool = BufferPool()
        for length in [1, 255, 256, 1000, 20_000_000] {
            let buffers = (0..<3).map { _ in pool.take(length) }
            for buffer in buffers {
                #expect(vq_is_forbidden(buffer.base + length - 1) == 0)
                #expect(vq_is_forbidden(buffer.base + length) != 0)
            }
            buffers.forEach(pool.giveBack)
            #expect(buffers.allSatisfy { vq_is_forbidden($0.base) != 0 })
        }
    }

    #if os(Linux)
        @Test("Memory that is idle where more is needed goes back to the system, its neighbours stay")
        func release() {
            let pool = BufferPool()
            let (kept, idle) = (pool.take(1000), pool.take(10_000_000))
            for (buffer, count) in [(kept, 1000), (idle, 10_000_000)] {
                buffer.base.update(repeating: 1, count: count)
            }
            pool.giveBack(idle)
            let fresh = pool.take(20_000_000)
            #expect((0..<1000).allSatisfy { kept.base[$0] == 1 })
            let again = pool.take(10_000_000)
            #expect(again.base == idle.base)
            // The system hands out zeros.
            #expect((5000..<9_990_000).allSatisfy { again.base[$0] == 0 })
            [kept, fresh, again].forEach(pool.giveBack)
        }
    #endif
}
