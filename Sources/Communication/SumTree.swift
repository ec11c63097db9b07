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
