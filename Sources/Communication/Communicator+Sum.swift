import CKernels
import Tensors

/// Some of the values that processes sum, on their way.
private struct Bucket {
    /// Of all values.
    let range: Range<Int>
    /// Of the bucket, by rank: what each process sums.
    let slices: [Range<Int>]
    /// This process's blocks, by slices, until the others have them.
    let sent: Tensor
    /// Everybody's blocks of this process's slice.
    let received: Tensor
    /// The sum, of which this process computes its slice.
    let total: Tensor
    /// What it waits for: the blocks of the others, then their slices of the sum.
    var pending: PendingExchange
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
        leaves: Int, count: Int, bucket: Int = 1 << 17, ahead: Int = 7,
        read: (_ block: Int, _ range: Range<Int>, _ into: UnsafeMutablePointer<Float>) -> Void,
        write: (_ range: Range<Int>, _ from: UnsafePointer<Float>) -> Void
    ) throws {
        let blocks = (0..<size).map { SumTree.blocks(of: share(of: leaves, rank: $0)) }
        var (sent, summed) = ([Bucket](), [Bucket]())
        for start in stride(from: 0, to: count, by: bucket) {
            sent.append(try send(start..<min(start + bucket, count), blocks, read))
            if sent.count > ahead { summed.append(try sum(sent.removeFirst(), blocks)) }
            if summed.count > ahead { try finish(summed.removeFirst(), write) }
        }
        for bucket in sent { summed.append(try sum(bucket, blocks)) }
        for bucket in summed { try finish(bucket, write) }
    }

    /// Begins to send this process's blocks of a bucket.
    /// - Parameter blocks: of each process.
    private func send(
        _ range: Range<Int>, _ blocks: [[Range<Int>]],
        _ read: (Int, Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) throws -> Bucket {
        let slices = (0..<size).map { share(of: range.count, rank: $0) }
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
        return Bucket(
            range: range, slices: slices, sent: sent, received: received,
            total: Tensor(uninitialized: [range.count]), pending: pending)
    }

    /// Sums this process's slice of a bucket, and begins to tell the others.
    private func sum(_ bucket: Bucket, _ blocks: [[Range<Int>]]) throws -> Bucket {
        try bucket.pending()
        let mine = bucket.slices[rank]
        var tree = SumTree.Blocks<UnsafeMutablePointer<Float>>()
        for (index, range) in blocks.joined().enumerated() {
            tree.append(bucket.received.pointer + index * mine.count, range) { vq_add($0, $1, mine.count) }
        }
        if let sum = tree.total(add: { vq_add($0, $1, mine.count) }) {
            (bucket.total.pointer + mine.lowerBound).update(from: sum, count: mine.count)
        }
        var bucket = bucket
        bucket.pending = try beginCompletion(
            of: UnsafeMutableBufferPointer(start: bucket.total.pointer, count: bucket.total.count),
            counts: bucket.slices.map(\.count))
        return bucket
    }

    private func finish(_ bucket: Bucket, _ write: (Range<Int>, UnsafePointer<Float>) -> Void) throws {
        try bucket.pending()
        write(bucket.range, bucket.total.pointer)
    }
}
