import CKernels
import Communication
import Foundation
import Tensors

extension KMeans {
    /// Sums of frames by cluster.
    struct Sums {
        /// [K, D].
        private(set) var values: [Double]
        /// Frames.
        private(set) var counts: [Int]
        private let clusters: Int
        private let dimensions: Int
        private let sum: OrderlessSum

        /// Of no frame yet.
        init(of source: some FrameSource, clusters: Int) {
            (self.clusters, dimensions) = (clusters, source.dimensions)
            values = Array(repeating: 0, count: clusters * dimensions)
            counts = Array(repeating: 0, count: clusters)
            sum = OrderlessSum(largest: Double(source.largest), count: source.count)
        }

        /// Each cluster is one thread's.
        mutating func add(_ frames: UnsafePointer<Float>, _ labels: ArraySlice<Int32>) {
            var members = Array(repeating: [Int32](), count: clusters)
            for (row, label) in labels.enumerated() { members[Int(label)].append(Int32(row)) }
            for cluster in 0..<clusters { counts[cluster] += members[cluster].count }
            let (dimensions, rounder) = (dimensions, sum.rounder)
            values.withUnsafeMutableBufferPointer { values in
                guard let base = values.baseAddress else { return }
                let (sums, frames) = (SharedPointer(base), SharedPointer(reading: frames))
                Parallel.forEach(clusters) { [members] cluster in
                    vq_add_rounded_rows(
                        sums + cluster * dimensions, frames.pointer, dimensions, members[cluster],
                        members[cluster].count, rounder)
                }
            }
        }

        /// Takes a frame out of one cluster and adds it to another.
        mutating func move(_ frame: UnsafePointer<Float>, from old: Int, to new: Int) {
            for d in 0..<dimensions {
                let value = sum.rounded(Double(frame[d]))
                values[old * dimensions + d] -= value
                values[new * dimensions + d] += value
            }
            counts[old] -= 1
            counts[new] += 1
        }

        /// Adds those of the other processes.
        /// - Throws: `CommunicationError`.
        mutating func shareAmong(_ communicator: any Communicator) throws {
            guard communicator.size > 1 else { return }
            let width = 8 * dimensions
            var sent = FrameBytes()
            // Those of a mini-batch have few of the clusters.
            for cluster in 0..<clusters where counts[cluster] > 0 {
                sent.append(cluster)
                sent.append(counts[cluster])
                values.withUnsafeBytes {
                    sent.append(UnsafeRawBufferPointer(rebasing: $0[cluster * width..<(cluster + 1) * width]))
                }
            }
            var row = [Double](repeating: 0, count: dimensions)
            try communicator.gather(sent) { rank, received in
                guard rank != communicator.rank else { return }
                while received.left > 0 {
                    let cluster = try received.number()
                    counts[cluster] += try received.number()
                    let sums = try received.take(width)
                    row.withUnsafeMutableBytes { $0.copyMemory(from: sums) }
                    for d in 0..<dimensions { values[cluster * dimensions + d] += row[d] }
                }
            }
        }
    }
}
