import Files

/// A stretch of a recording and what is said in it.
public struct LabelledInterval: Equatable, Sendable {
    /// In seconds; the interval is [start, end).
    public var start: Double
    /// In seconds, not before `start`.
    public var end: Double
    public var label: String
    /// Where it stands in its file, from 1.
    public var line: Int

    public init(_ start: Double, _ end: Double, _ label: String, line: Int = 0) {
        (self.start, self.end, self.label, self.line) = (start, end, label, line)
    }
}

/// A moment of a recording that has a label.
public struct LabelledPoint: Equatable, Sendable {
    /// In seconds.
    public var time: Double
    public var label: String

    public init(_ time: Double, _ label: String) { (self.time, self.label) = (time, label) }
}

/// A layer of an alignment: phones, words, or events without length.
public struct AlignmentTier: Equatable, Sendable {
    public enum Entries: Equatable, Sendable {
        /// In order, none overlapping the next; there may be gaps.
        case intervals([LabelledInterval])
        case points([LabelledPoint])
    }

    public var name: String
    public var entries: Entries
    /// Where it begins in its file, from 1.
    public var line: Int

    public init(name: String, _ entries: Entries, line: Int = 1) {
        (self.name, self.entries, self.line) = (name, entries, line)
    }

    /// Nil for a tier of points.
    public var intervals: [LabelledInterval]? {
        if case .intervals(let intervals) = entries { intervals } else { nil }
    }
}

/// The labels of one utterance, as a file gives them.
public struct Alignment: Equatable, Sendable {
    /// The utterance's name, by which token files know it.
    public var utterance: ByteString
    /// Of the file.
    public var path: String
    /// Where the utterance begins in the file, from 1.
    public var line: Int
    /// In the order of the file.
    public var tiers: [AlignmentTier]
    /// Nil where the file does not say.
    public var speaker: String?

    public init(
        utterance: ByteString, path: String, line: Int = 1, tiers: [AlignmentTier], speaker: String? = nil
    ) {
        (self.utterance, self.path, self.line) = (utterance, path, line)
        (self.tiers, self.speaker) = (tiers, speaker)
    }

    /// What tiers are called where a file does not name them.
    public static let usualTier = "phones"

    /// The tier of intervals with a name.
    /// - Parameter name: nil for `phones` or `phone`, or the only tier of intervals there is.
    /// - Throws: `AlignmentError` where there is none, or it is empty.
    public func tier(_ name: String?) throws(AlignmentError) -> [LabelledInterval] {
        let candidates = tiers.filter { $0.intervals != nil }
        let wanted = name.map { [$0] } ?? [Self.usualTier, "phone"]
        let named = wanted.lazy.compactMap { name in candidates.first { $0.name == name } }.first
        let only = name == nil && candidates.count == 1 ? candidates.first : nil
        guard let tier = named ?? only, let intervals = tier.intervals else {
            throw .noTier(
                path: path, line: line, utterance: utterance, name: name, tiers: candidates.map(\.name))
        }
        guard !intervals.isEmpty else { throw .malformed(path: path, line: tier.line, .noIntervals) }
        return intervals
    }
}
