import CKernels
import Files

/// Distances of items that are sequences of units.
struct UnitComparison: ABXComparison {
    /// The units of each item.
    private let units: [ArraySlice<Int32>]
    private let isEdit: Bool

    init(_ recordings: [ByteString: [Int32]], items: ABXItems, cuts: ABXCuts, distance: ABXDistance) {
        units = zip(items.items, cuts.frames).map { item, frames in
            (recordings[item.recording] ?? [])[frames]
        }
        isEdit = distance == .edit
    }

    static let portion = 64

    func size(of item: Int32) -> Int { 1 }

    func sorted(_ items: Set<Int32>) -> [Int32] {
        items.sorted { (units[Int($0)].count, $0) < (units[Int($1)].count, $1) }
    }

    func distances(_ x: [Int32], to others: [Int32]) -> [Double] {
        var distances = [Double](repeating: 0, count: x.count * others.count)
        let lanes = 16
        var results = [Double](repeating: 0, count: lanes)
        for start in stride(from: 0, to: others.count, by: lanes) {
            let batch = others[start..<min(start + lanes, others.count)].map { units[Int($0)] }
            let columns = batch.map(\.count).max() ?? 0
            var lengths = [Int32](repeating: 0, count: lanes)
            var side = [Int32](repeating: -1, count: columns * lanes)
            for (lane, item) in batch.enumerated() {
                lengths[lane] = Int32(item.count)
                for (frame, unit) in item.enumerated() { side[frame * lanes + lane] = unit }
            }
            var work = [Float](repeating: 0, count: 2 * lanes * (columns + 1))
            for (row, x) in x.enumerated() {
                units[Int(x)].withUnsafeBufferPointer { frames in
                    if isEdit {
                        vq_edit_units(
                            frames.baseAddress, frames.count, side, columns, lengths, &work, &results)
                    } else {
                        vq_warp_units(
                            frames.baseAddress, frames.count, side, columns, lengths, &work, &results)
                    }
                }
                for lane in batch.indices { distances[row * others.count + start + lane] = results[lane] }
            }
        }
        return distances
    }
}
