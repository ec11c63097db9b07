import Speech
import Tensors

/// Where a run stands, beside weights and optimizer: what a checkpoint needs so that going on gives the
/// same numbers as never having stopped.
public struct RunState: Codable, Equatable, Sendable {
    /// Updates done.
    public var update = 0
    /// The batch that comes next.
    public var position = BatchPosition.start
    /// Lowest validation loss so far, in bits per positive.
    public var bestLoss: Double?
    /// True where a validation after these updates is still to be made; nil otherwise.
    public var validationDue: Bool?
    /// What the run learns from.
    public var data = DataFingerprint()
    /// The checkpoint whose weights the run began with, as it was named; nil where they were random.
    public var initializedFrom: String?

    public init() {}
}

/// Enough about the training data to notice that a run is resumed with other data.
public struct DataFingerprint: Codable, Equatable, Sendable {
    public var utterances = 0
    public var samples = 0
    public var sampleRate = 0
    /// Of the file names, lengths and order of the recordings, those for validation too: random numbers are
    /// keyed by the place in that order.
    public var digest: String?

    public init() {}

    public var hours: Double { sampleRate == 0 ? 0 : Double(samples) / Double(sampleRate) / 3600 }
}

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
}
