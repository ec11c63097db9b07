import CProcess
import Foundation
import Synchronization

/// The memory of tensors, recycled: after the first update of a training run neither the allocator nor page
/// faults of fresh memory are in the profile, whatever lengths crops have.
///
/// Memory comes from the system in slabs. A buffer is cut from the smallest idle part that fits; idle parts
/// that meet become one again. Under Address sanitizer an access to an idle part, or behind a buffer, is reported.
package final class BufferPool: Sendable {
    static let shared = BufferPool()

    /// Part of a slab. `@unchecked`: a pointer and sizes that never change; its memory belongs to who took it.
    package struct Buffer: @unchecked Sendable {
        package let base: UnsafeMutablePointer<Float>
        /// In floats: at least as many as were asked for, which alone may be used.
        package let count: Int
        /// Where the slab begins: parts of different slabs never become one.
        fileprivate let slab: UnsafeMutablePointer<Float>

        fileprivate func adjoins(_ next: Buffer) -> Bool { slab == next.slab && base + count == next.base }

        fileprivate func joined(to next: Buffer) -> Buffer {
            Buffer(base: base, count: count + next.count, slab: slab)
        }

        /// What is asked of it may be used, and nothing behind that.
        fileprivate func allow(_ asked: Int) {
            vq_allow(base, asked * MemoryLayout<Float>.stride)
        }

        fileprivate func forbid() { vq_forbid(base, count * MemoryLayout<Float>.stride) }

        /// Gives back its memory, until it is touched again, but not its addresses.
        fileprivate func releasePages() {
            #if os(Linux)
                let page = Int(getpagesize())
                let start = UnsafeMutableRawPointer(base).alignedUp(toMultipleOf: page)
                let end = UnsafeMutableRawPointer(base + count).alignedDown(toMultipleOf: page)
                if start < end { _ = madvise(start, end - start, MADV_DONTNEED) }
            #endif
        }
    }

    private struct State {
        /// Floats of each slab.
        var slabs: [UnsafeMutablePointer<Float>: Int] = [:]
        /// By address.
        var idle: [Buffer] = []

        mutating func take(_ count: Int) -> Buffer? {
            var best: Int?
            for index in idle.indices where idle[index].count >= count {
                if best.map({ idle[index].count < idle[$0].count }) ?? true { best = index }
            }
            guard let best else { return nil }
            let part = idle[best]
            if part.count == count {
                idle.remove(at: best)
            } else {
                idle[best] = Buffer(base: part.base + count, count: part.count - count, slab: part.slab)
            }
            return Buffer(base: part.base, count: count, slab: part.slab)
        }

        mutating func giveBack(_ buffer: Buffer) {
            buffer.forbid()
            let place = idle.partitioningIndex { $0.base > buffer.base }
            var (joined, neighbours) = (buffer, place..<place)
            if place < idle.count, buffer.adjoins(idle[place]) {
                joined = joined.joined(to: idle[place])
                neighbours = place..<place + 1
            }
            if place > 0, idle[place - 1].adjoins(buffer) {
                joined = idle[place - 1].joined(to: joined)
                neighbours = place - 1..<neighbours.upperBound
            }
            idle.replaceSubrange(neighbours, with: CollectionOfOne(joined))
        }

        /// A buffer in a slab of its own. What is idle goes back to the system: it did not fit, and need not be
        /// held beside the new slab.
        mutating func takeFresh(_ count: Int) -> Buffer {
            for part in idle {
                if slabs[part.slab] == part.count {
                    slabs[part.slab] = nil
                    free(part.slab)
                } else {
                    part.releasePages()
                }
            }
            idle.removeAll { slabs[$0.slab] == nil }
            let size = max(count, slabSize)
            let slab = systemMemory(byteCount: size * MemoryLayout<Float>.stride)
                .bindMemory(to: Float.self, capacity: size)
            slabs[slab] = size
            let whole = Buffer(base: slab, count: size, slab: slab)
            whole.forbid()
            guard size > count else { return whole }
            giveBack(Buffer(base: slab + count, count: size - count, slab: slab))
            return Buffer(base: slab, count: count, slab: slab)
        }
    }

    private let state = Mutex(State())

    package init() {}

    deinit {
        state.withLock { for slab in $0.slabs.keys { free(slab) } }
    }

    /// Floats of all slabs. Nothing of a slab takes memory before it is touched.
    package var reserved: Int { state.withLock { $0.slabs.values.reduce(0, +) } }

    /// Values are not set. The buffer begins with a cache line.
    package func take(_ count: Int) -> Buffer {
        let room = roundUp(max(count, 1) + floatsBetweenBuffers, to: 256)
        let buffer = state.withLock { $0.take(room) ?? $0.takeFresh(room) }
        buffer.allow(count)
        return buffer
    }

    package func giveBack(_ buffer: Buffer) {
        state.withLock { $0.giveBack(buffer) }
    }
}

/// In floats, 64 MiB.
private let slabSize = 1 << 24

/// None without Address sanitizer.
private let floatsBetweenBuffers = Int(vq_bytes_between_parts()) / MemoryLayout<Float>.stride

private func roundUp(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }

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

extension [BufferPool.Buffer] {
    /// The first index whose element, and all after it, satisfies a condition.
    fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
