import CKernels
import Tensors

/// This process's blocks of some of the values, on their way to those who sum them.
private struct SentBucket {
    /// Of all values.
    let range: Range<Int>
    let sent: Tensor
    /// Everybody's blocks of this process's slice.
    let received: Tensor
    let pending: PendingExchange
}

/// A sum of which this process has computed its slice, and waits for the others'.
private struct SummedBucket {
    let range: Range<Int>
    let total: Tensor
    let pending: PendingExchange
}

extension Communicator {
    /// Sums values over the leaves of all processes, in the order of the tree.
    ///
    /// Each process gets one slice of everybody's blocks, sums them, and all put the slices together. By buckets, so
    /// that little memory is needed beside the values. The network has others to carry while one is summed.
    ///
    /// - Parameters:
    ///   - leaves: of all processes; each has its `share`.
    ///   - count: values of a block.
    ///   - bucket: values that travel together.
    ///   - ahead: buckets that are on their way while one is summed, and as many while one is put together.
    ///   - read: copies a range of the values of one of this process's blocks, by its index.
    ///   - write: takes a range of the sum.
    /// - Throws: `CommunicationError`.
    public func sum(
        leaves: Int, count: Int, bucket: Int = 1 << 17, ahead: Int = 3,
        read: (_ block: Int, _ range: Range<Int>, _ into: UnsafeMutablePointer<Float>) -> Void,
        write: (_ range: Range<Int>, _ from: UnsafePointer<Float>) -> Void
    ) throws {
        let blocks = (0..<size).map { SumTree.blocks(of: share(of: leaves, rank: $0)) }
        var (sent, summed) = ([SentBucket](), [SummedBucket]())
        for start in stride(from: 0, to: count, by: bucket) {
            sent.append(try send(start..<min(start + bucket, count), blocks, read))
            if sent.count > ahead { summed.append(try sum(sent.removeFirst(), blocks)) }
            if summed.count > ahead { try finish(summed.removeFirst(), write) }
        }
        while !sent.isEmpty { summed.append(try sum(sent.removeFirst(), blocks)) }
        for bucket in summed { try finish(bucket, write) }
    }

    /// Begins to send this process's blocks of a bucket.
    /// - Parameter blocks: of each process.
    private func send(
        _ range: Range<Int>, _ blocks: [[Range<Int>]],
        _ read: (Int, Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) throws -> SentBucket {
        let slices = slices(of: range)
        let (own, mine) = (blocks[rank].count, slices[rank].count)
        let sent = Tensor(uninitialized: [own * range.count])
        var place = sent.pointer
        for slice in slices {
            for block in 0..<own {
                read(block, range.lowerBound + slice.lowerBound..<range.lowerBound + slice.upperBound, place)
                place += slice.count
            }
        }
        let received = Tensor(uninitialized: [blocks.reduce(0) { $0 + $1.count } * mine])
        let pending = try beginExchange(
            UnsafeBufferPointer(start: sent.pointer, count: sent.count),
            sentCounts: slices.map { own * $0.count },
            into: UnsafeMutableBufferPointer(start: received.pointer, count: received.count),
            receivedCounts: blocks.map { $0.count * mine })
        return SentBucket(range: range, sent: sent, received: received, pending: pending)
    }

    /// Sums this process's slice of a bucket, and begins to tell the others.
    private func sum(_ bucket: SentBucket, _ blocks: [[Range<Int>]]) throws -> SummedBucket {
        try bucket.pending()
        let slices = slices(of: bucket.range)
        let mine = slices[rank]
        var tree = SumTree.Blocks<UnsafeMutablePointer<Float>>()
        for (index, range) in blocks.joined().enumerated() {
            tree.append(bucket.received.pointer + index * mine.count, range) { vq_add($0, $1, mine.count) }
        }
        let total = Tensor(uninitialized: [bucket.range.count])
        if let sum = tree.total(add: { vq_add($0, $1, mine.count) }) {
            (total.pointer + mine.lowerBound).update(from: sum, count: mine.count)
        }
        let pending = try beginCompletion(
            of: UnsafeMutableBufferPointer(start: total.pointer, count: total.count),
            counts: slices.map(\.count))
        return SummedBucket(range: bucket.range, total: total, pending: pending)
    }

    private func finish(
        _ bucket: SummedBucket, _ write: (Range<Int>, UnsafePointer<Float>) -> Void
    ) throws {
        try bucket.pending()
        write(bucket.range, bucket.total.pointer)
    }
    /// What each process sums of a bucket, from its beginning.
    private func slices(of bucket: Range<Int>) -> [Range<Int>] {
        (0..<size).map { share(of: bucket.count, rank: $0) }
    }
}
