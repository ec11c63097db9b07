import CKernels
import Tensors

/// The binary tree in which the values of n leaves are summed, so that the sum has the same bits however the leaves
/// are divided among processes.
///
/// Floating-point sums depend on the order of the additions. Here blocks of 2ᵏ leaves that begin at a multiple of 2ᵏ
/// are sums of their two halves; n leaves are the blocks of the binary digits of n, added from the last to the first. A
/// process that has leaves a..<b sums the largest blocks within, and the rest of the tree is computed of these.
public enum SumTree {
    /// Blocks of leaves that were summed, in order: what a process holds while it computes leaf after leaf. For one
    /// process these are one for each binary digit of the number of leaves, so log₂ n at most.
    public struct Blocks<Value> {
        public private(set) var blocks: [(range: Range<Int>, value: Value)] = []

        public init() {}

        /// Adds the block that follows, and sums what has become complete.
        /// - Parameter add: adds its second argument to its first.
        public mutating func append(
            _ value: Value, _ range: Range<Int>, add: (inout Value, Value) throws -> Void
        ) rethrows {
            blocks.append((range, value))
            while blocks.count > 1,
                blocks[blocks.count - 2].range.isSibling(of: blocks[blocks.count - 1].range)
            {
                try merge(add)
            }
        }

        /// Sums the blocks of all leaves, the last first.
        /// - Returns: nil where there are none.
        public mutating func total(add: (inout Value, Value) throws -> Void) rethrows -> Value? {
            while blocks.count > 1 { try merge(add) }
            return blocks.popLast()?.value
        }

        private mutating func merge(_ add: (inout Value, Value) throws -> Void) rethrows {
            let right = blocks.removeLast()
            try add(&blocks[blocks.count - 1].value, right.value)
            let start = blocks[blocks.count - 1].range.lowerBound
            blocks[blocks.count - 1].range = start..<right.range.upperBound
        }
    }

    /// The largest blocks within a range of leaves, in order: what `Blocks` holds after those leaves.
    public static func blocks(of leaves: Range<Int>) -> [Range<Int>] {
        var blocks = Blocks<Void>()
        for leaf in leaves { blocks.append((), leaf..<leaf + 1) { _, _ in } }
        return blocks.blocks.map(\.range)
    }
}

extension Range<Int> {
    /// Whether both are halves of one block, this one the left.
    fileprivate func isSibling(of right: Range<Int>) -> Bool {
        upperBound == right.lowerBound && count == right.count && lowerBound.isMultiple(of: 2 * count)
    }
}

extension Communicator {
    /// Sums values over the leaves of all processes, in the order of the tree.
    ///
    /// Each process gets one slice of everybody's blocks, sums them, and all put the slices together. By buckets, so
    /// that little memory is needed beside the values.
    ///
    /// - Parameters:
    ///   - leaves: of all processes; each has its `share`.
    ///   - count: values of a block.
    ///   - read: copies a range of the values of one of this process's blocks, by its index.
    ///   - write: takes a range of the sum.
    /// - Throws: `CommunicationError`.
    public func sum(
        leaves: Int, count: Int, bucket: Int = 1 << 18,
        read: (_ block: Int, _ range: Range<Int>, _ into: UnsafeMutablePointer<Float>) -> Void,
        write: (_ range: Range<Int>, _ from: UnsafePointer<Float>) -> Void
    ) throws {
        let blocks = (0..<size).map { SumTree.blocks(of: share(of: leaves, rank: $0)) }
        let ranges = blocks.flatMap { $0 }
        let own = blocks[rank].count
        for start in stride(from: 0, to: count, by: bucket) {
            let range = start..<min(start + bucket, count)
            let slices = (0..<size).map { share(of: range.count, rank: $0) }
            let mine = slices[rank]
            let sent = Tensor(uninitialized: [own * range.count])
            var place = sent.pointer
            for slice in slices {
                for block in 0..<own {
                    read(block, start + slice.lowerBound..<start + slice.upperBound, place)
                    place += slice.count
                }
            }
            let received = Tensor(uninitialized: [ranges.count * mine.count])
            try exchange(
                UnsafeBufferPointer(start: sent.pointer, count: sent.count),
                sentCounts: slices.map { own * $0.count },
                into: UnsafeMutableBufferPointer(start: received.pointer, count: received.count),
                receivedCounts: blocks.map { $0.count * mine.count })
            let total = Tensor(uninitialized: [range.count])
            var tree = SumTree.Blocks<UnsafeMutablePointer<Float>>()
            for (index, range) in ranges.enumerated() {
                tree.append(received.pointer + index * mine.count, range) { vq_add($0, $1, mine.count) }
            }
            if let sum = tree.total(add: { vq_add($0, $1, mine.count) }) {
                (total.pointer + mine.lowerBound).update(from: sum, count: mine.count)
            }
            try complete(
                UnsafeMutableBufferPointer(start: total.pointer, count: total.count),
                counts: slices.map(\.count))
            write(range, total.pointer)
        }
    }
}
