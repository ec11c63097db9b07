import Communication
import TestSupport
import Testing

@Suite struct SumTreeTests {
    @Test(arguments: [
        (0..<1, [0..<1]), (0..<8, [0..<8]), (0..<7, [0..<4, 4..<6, 6..<7]), (3..<5, [3..<4, 4..<5]),
        (3..<9, [3..<4, 4..<8, 8..<9]), (6..<12, [6..<8, 8..<12]),
    ])
    func blocksAreTheLargestThatAreAligned(leaves: Range<Int>, blocks: [Range<Int>]) {
        #expect(SumTree.blocks(of: leaves) == blocks)
    }

    @Test func theTreeIsThatOfItsDescription() {
        var tree = SumTree.Blocks<String>()
        for leaf in 0..<7 { tree.append("\(leaf)", leaf..<leaf + 1) { $0 = "(\($0)+\($1))" } }
        #expect(tree.total { $0 = "(\($0)+\($1))" } == "(((0+1)+(2+3))+((4+5)+6))")
    }

    /// Few blocks wait at once, whatever the number of leaves.
    @Test func memoryGrowsWithTheLogarithm() {
        var (tree, most) = (SumTree.Blocks<Int>(), 0)
        for leaf in 0..<1024 {
            tree.append(1, leaf..<leaf + 1) { $0 += $1 }
            most = max(most, tree.blocks.count)
        }
        #expect(most == 10 && tree.total { $0 += $1 } == 1024)
    }

    /// Values that differ much, so that nearly every order of additions has a sum of its own.
    private static func value(leaf: Int, index: Int) -> Float {
        let bits = UInt32(truncatingIfNeeded: (leaf &* 7919 &+ index &* 104_729 &+ 17) &* 2_654_435_761)
        return Float(Int32(bitPattern: bits)) * (index.isMultiple(of: 3) ? 1e-3 : 1) / Float(1 + leaf * leaf)
    }

    private static func sums(leaves: Int, processes: Int, count: Int, bucket: Int) -> [[UInt32]] {
        let results = ThreadCommunicator.run(processes) { communicator in
            var tree = SumTree.Blocks<[Float]>()
            for leaf in communicator.share(of: leaves) {
                tree.append((0..<count).map { value(leaf: leaf, index: $0) }, leaf..<leaf + 1) {
                    sum, addition in
                    for index in sum.indices { sum[index] += addition[index] }
                }
            }
            let blocks = tree.blocks.map(\.value)
            var total = [Float](repeating: .nan, count: count)
            try communicator.sum(
                leaves: leaves, count: count, bucket: bucket,
                read: { block, range, target in
                    for (offset, index) in range.enumerated() { target[offset] = blocks[block][index] }
                },
                write: { range, source in
                    for (offset, index) in range.enumerated() { total[index] = source[offset] }
                })
            return total.map(\.bitPattern)
        }
        return results.compactMap { try? $0.get() }
    }

    @Test(arguments: [1, 2, 3, 5, 8, 12, 13])
    func theSameBitsForAnyNumberOfProcesses(leaves: Int) {
        let one = Self.sums(leaves: leaves, processes: 1, count: 1001, bucket: 2000)
        #expect(one.count == 1)
        for processes in 2...6 where processes <= leaves {
            let all = Self.sums(leaves: leaves, processes: processes, count: 1001, bucket: 97)
            #expect(all.count == processes && all.allSatisfy { $0 == one[0] })
        }
        guard leaves > 3 else { return }
        // The chain, which the sum would be without a tree, has other bits.
        let chain = (0..<1001).map { index in
            (0..<leaves).reduce(Float(0)) { $0 + Self.value(leaf: $1, index: index) }.bitPattern
        }
        #expect(chain != one[0])
    }
}
