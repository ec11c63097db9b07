import Foundation

/// What sequences of units are like, whatever is said in them: how many are in use, how evenly, how many bits a second
/// they take, how long they stay.
public struct SequenceCounts: Sendable {
    public private(set) var utterances = 0
    public private(set) var frames = 0
    public private(set) var seconds = 0.0
    /// Per group how often each id occurred.
    private var groups: [[Int32: Int]] = []
    /// By the number of the unit: frames, and runs.
    private var unitFrames: [Int] = []
    private var unitRuns: [Int] = []
    /// Length to runs.
    public private(set) var runLengths: [Int: Int] = [:]
    private var framePairs = Pairs()
    private var runPairs = Pairs()

    /// Pairs of successive units of an utterance.
    private struct Pairs {
        var counts: [UInt64: Int] = [:]
        /// By the first of the pair.
        var firsts: [Int32: Int] = [:]

        mutating func add(_ units: some Collection<Int32>) {
            for (first, second) in zip(units, units.dropFirst()) {
                let pair = UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
                counts[pair, default: 0] += 1
                firsts[first, default: 0] += 1
            }
        }

        var statistics: PairStatistics {
            let entropy = Entropy(counts.values.sorted())
            return PairStatistics(
                pairs: entropy.total, distinct: counts.count, entropy: entropy.bits,
                conditionalEntropy: entropy.bits - Entropy(firsts.values.sorted()).bits)
        }
    }

    public init() {}

    /// - Parameters:
    ///   - units: the number of the unit of each frame (`UnitTable`).
    ///   - ids: [T, G], row-major, G at least 1.
    ///   - seconds: of the recording.
    public mutating func add(units: [Int32], ids: [Int32], groups count: Int, seconds: Double) {
        utterances += 1
        frames += units.count
        self.seconds += seconds
        while groups.count < count { groups.append([:]) }
        for (place, id) in ids.enumerated() { groups[place % count][id, default: 0] += 1 }
        let runs = UnitRuns.of(units)
        let largest = Int(units.max() ?? -1)
        while unitFrames.count <= largest {
            unitFrames.append(0)
            unitRuns.append(0)
        }
        for run in runs {
            unitFrames[Int(run.unit)] += run.length
            unitRuns[Int(run.unit)] += 1
            runLengths[run.length, default: 0] += 1
        }
        framePairs.add(units)
        runPairs.add(runs.map(\.unit))
    }

    /// How evenly the ids of one group, or whole units, are used.
    public struct Usage: Equatable, Sendable {
        /// Distinct ids.
        public let used: Int
        /// In bits.
        public let entropy: Double

        /// 2^H.
        public var perplexity: Double { exp2(entropy) }

        init(_ counts: [Int]) {
            used = counts.count { $0 > 0 }
            entropy = Entropy(counts).bits
        }
    }

    public struct PairStatistics: Equatable, Sendable {
        public let pairs: Int
        public let distinct: Int
        /// In bits.
        public let entropy: Double
        /// H(pair) − H(first of the pair), in bits: what a unit says that the one before did not.
        public let conditionalEntropy: Double
    }

    /// Of each group, G in all.
    public var groupUsage: [Usage] { groups.map { Usage($0.values.sorted()) } }

    /// exp(−Σ p ln(p + 10⁻⁷)) of each group, as fairseq has it.
    public var fairseqPerplexities: [Double] {
        groups.map { counts in
            exp(
                -counts.values.sorted().reduce(0) { sum, count in
                    let share = Double(count) / Double(frames)
                    return sum + share * log(share + 1e-7)
                })
        }
    }

    /// Of whole units.
    public var usage: Usage { Usage(unitFrames) }

    /// Of whole units, each run once.
    public var runUsage: Usage { Usage(unitRuns) }

    public var runs: Int { unitRuns.reduce(0, +) }

    /// Frames.
    public var meanRun: Double { runs > 0 ? Double(frames) / Double(runs) : 0 }

    /// Frames; the mean of the two in the middle where runs are even in number.
    public var medianRun: Double {
        let count = runs
        guard count > 0 else { return 0 }
        var (seen, middle) = (0, [Double]())
        for (length, number) in runLengths.sorted(by: { $0.key < $1.key }) {
            for place in [(count - 1) / 2, count / 2] where (seen..<seen + number).contains(place) {
                middle.append(Double(length))
            }
            seen += number
        }
        return middle.reduce(0, +) / 2
    }

    /// Frames.
    public var longestRun: Int { runLengths.keys.max() ?? 0 }

    /// The share of frames whose unit is not that of the frame before, in the same utterance.
    public var changeRate: Double {
        let pairs = framePairs.counts.values.reduce(0, +)
        return pairs > 0 ? Double(runs - utterances) / Double(pairs) : 0
    }

    /// N · H / D: bits per second (ZeroSpeech 2019).
    public var bitrate: Double { perSecond(Double(frames) * usage.entropy) }

    /// The same of runs.
    public var runBitrate: Double { perSecond(Double(runs) * runUsage.entropy) }

    public var runsPerSecond: Double { perSecond(Double(runs)) }

    /// (N / D) · Σ_g log₂ V_g: what a code of equal lengths takes.
    /// - Parameter codewords: V of each group.
    public func nominalBitrate(codewords: [Int]) -> Double {
        perSecond(Double(frames)) * Self.nominalBits(codewords: codewords)
    }

    /// Σ_g log₂ V_g: bits per frame.
    public static func nominalBits(codewords: [Int]) -> Double {
        codewords.reduce(0) { $0 + log2(Double($1)) }
    }

    public var framePairStatistics: PairStatistics { framePairs.statistics }
    public var runPairStatistics: PairStatistics { runPairs.statistics }

    private func perSecond(_ value: Double) -> Double { seconds > 0 ? value / seconds : 0 }
}
