import Layers
import Tensors
import VQWav2Vec

/// How often each codeword was chosen.
public struct CodebookUsage: Equatable, Sendable {
    /// G.
    public let groups: Int
    /// V.
    public let variables: Int
    /// [G, V].
    public var counts: [Int]

    public init(groups: Int, variables: Int) {
        (self.groups, self.variables) = (groups, variables)
        counts = Array(repeating: 0, count: groups * variables)
    }

    /// - Parameter ids: [R·G].
    public mutating func add(_ ids: [Int32]) {
        for (index, id) in ids.enumerated() { counts[index % groups * variables + Int(id)] += 1 }
    }

    /// The counts of one group, [V].
    public func group(_ group: Int) -> ArraySlice<Int> {
        counts[group * variables..<(group + 1) * variables]
    }

    /// Codewords chosen at least once, for each group.
    public var distinctPerGroup: [Int] { (0..<groups).map { group($0).count { $0 > 0 } } }

    /// exp of the entropy of the choices, for each group: 1 is total collapse, V all codewords alike; not a
    /// number where nothing was counted. fairseq logs the sum over groups as `code_perplexity`.
    public var perplexityPerGroup: [Double] {
        (0..<groups).map { group in
            let counts = self.group(group)
            let total = Double(counts.reduce(0, +))
            return perplexity(counts.map { Double($0) / total })
        }
    }

    /// Rows of the quantizer's codebook that no group has chosen.
    package func unusedRows(of quantizer: any Quantizer) -> [Int] {
        if quantizer.sharesCodebook {
            return (0..<variables).filter { row in
                (0..<groups).allSatisfy { counts[$0 * variables + row] == 0 }
            }
        }
        return counts.indices.filter { counts[$0] == 0 }
    }
}
