import Foundation

/// How often phones and units meet in a frame: n(p, u).
public struct JointCounts: Equatable, Sendable {
    public let phones: Int
    public let units: Int
    /// [phones, units], row-major.
    public private(set) var cells: [Int]

    /// Cells that a table has at most: half a gigabyte.
    static let most = 1 << 26

    /// - Precondition: neither is negative.
    public init(phones: Int, units: Int) {
        precondition(phones >= 0 && units >= 0, "\(phones) phones and \(units) units")
        (self.phones, self.units) = (phones, units)
        cells = Array(repeating: 0, count: phones * units)
    }

    /// - Precondition: both are of these counts.
    public subscript(phone: Int, unit: Int) -> Int { cells[phone * units + unit] }

    /// - Precondition: phone and unit are of these counts.
    public mutating func add(phone: Int, unit: Int, frames: Int = 1) {
        precondition(phone < phones && unit < units, "phone \(phone), unit \(unit)")
        cells[phone * units + unit] += frames
    }

    /// The cells of one utterance that are not zero.
    struct Part: Sendable {
        let cells: [(phone: Int32, unit: Int32, frames: Int32)]
    }

    /// Adds the counts of an utterance, several times where a resample has it so often.
    mutating func add(_ part: Part, times: Int) {
        for (phone, unit, frames) in part.cells {
            cells[Int(phone) * units + Int(unit)] += times * Int(frames)
        }
    }

    /// The measures that follow from the counts.
    /// - Parameter leavingOut: phones that do not count, such as silence.
    public func scores(leavingOut silent: Set<Int> = []) -> PhoneScores {
        PhoneScores(self, leavingOut: silent)
    }
}

/// How much units tell about phones: measures of a table of joint counts, entropies in bits.
///
/// Phone purity, cluster purity and PNMI: HuBERT (Hsu et al. 2021, §IV). Homogeneity, completeness and V-measure:
/// Rosenberg and Hirschberg 2007.
public struct PhoneScores: Equatable, Sendable {
    /// N.
    public private(set) var frames = 0
    /// Phones and units that have a frame.
    public private(set) var phones = 0
    public private(set) var units = 0
    private var sumOfLargestInUnits = 0
    private var sumOfLargestInPhones = 0
    private var largestPhone = 0
    public private(set) var phoneEntropy = 0.0
    public private(set) var unitEntropy = 0.0
    /// H(phone) + H(unit) − H(phone, unit).
    public private(set) var mutualInformation = 0.0

    init(_ counts: JointCounts, leavingOut silent: Set<Int>) {
        var unitTotals = Array(repeating: 0, count: counts.units)
        var unitLargest = unitTotals
        var phoneTotals: [Int] = []
        var joint = Entropy()
        for phone in 0..<counts.phones where !silent.contains(phone) {
            var (total, largest) = (0, 0)
            let row = phone * counts.units
            for unit in 0..<counts.units {
                let frames = counts.cells[row + unit]
                guard frames > 0 else { continue }
                total += frames
                largest = max(largest, frames)
                unitTotals[unit] += frames
                unitLargest[unit] = max(unitLargest[unit], frames)
                joint.add(frames)
            }
            phoneTotals.append(total)
            sumOfLargestInPhones += largest
        }
        frames = joint.total
        phones = phoneTotals.count { $0 > 0 }
        units = unitTotals.count { $0 > 0 }
        sumOfLargestInUnits = unitLargest.reduce(0, +)
        largestPhone = phoneTotals.max() ?? 0
        phoneEntropy = Entropy(phoneTotals).bits
        unitEntropy = Entropy(unitTotals).bits
        mutualInformation = phoneEntropy + unitEntropy - joint.bits
    }

    /// Σ_u max_p n(p, u) / N: how often the phone is right that each unit mostly stands for.
    public var phonePurity: Double { share(sumOfLargestInUnits) }

    /// Σ_p max_u n(p, u) / N.
    public var clusterPurity: Double { share(sumOfLargestInPhones) }

    /// max_p n(p) / N: the phone purity of a single unit.
    public var majorityPhone: Double { share(largestPhone) }

    /// I(phone; unit) / H(phone): the share of what there is to know about the phone that the unit tells. It grows
    /// with the number of units. The same as the homogeneity of V-measure; 1 where there is one phone, 0 without frames.
    public var phoneNormalizedMutualInformation: Double { part(of: phoneEntropy) }

    /// I(phone; unit) / H(unit); 1 where there is one unit, 0 without frames.
    public var completeness: Double { part(of: unitEntropy) }

    /// The harmonic mean of homogeneity and completeness, which is the mutual information over the mean of both
    /// entropies (NMI); 0 where both are 0.
    public var vMeasure: Double {
        let (homogeneity, completeness) = (phoneNormalizedMutualInformation, completeness)
        let sum = homogeneity + completeness
        return sum > 0 ? 2 * homogeneity * completeness / sum : 0
    }

    private func part(of entropy: Double) -> Double {
        entropy > 0 ? mutualInformation / entropy : frames > 0 ? 1 : 0
    }

    private func share(_ part: Int) -> Double { frames > 0 ? Double(part) / Double(frames) : 0 }
}

/// H = −Σ p log₂ p of counts, in bits: log₂ N − Σ n log₂ n / N.
struct Entropy {
    private(set) var total = 0
    private var sum = 0.0

    init() {}

    /// - Parameter counts: in an order that is always the same; the sum is rounded accordingly.
    init(_ counts: some Sequence<Int>) { for count in counts { add(count) } }

    mutating func add(_ count: Int) {
        guard count > 0 else { return }
        total += count
        sum += Double(count) * log2(Double(count))
    }

    /// Exactly 0 for a single count.
    var bits: Double {
        guard total > 0 else { return 0 }
        let bits = log2(Double(total)) - sum / Double(total)
        return abs(bits) < 1e-14 ? 0 : bits
    }
}
