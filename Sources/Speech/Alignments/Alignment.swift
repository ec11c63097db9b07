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
    /// Of its file; an utterance can have tiers of several.
    public var path = ""
    /// Where it begins in its file, from 1.
    public var line: Int
    /// What is wrong with the first of its intervals that cannot be used: others' tiers can be judged all the same.
    public var fault: AlignmentError?

    public init(name: String, _ entries: Entries, line: Int = 1, fault: AlignmentError? = nil) {
        (self.name, self.entries, self.line, self.fault) = (name, entries, line, fault)
    }

    /// Nil for a tier of points.
    public var intervals: [LabelledInterval]? {
        if case .intervals(let intervals) = entries { intervals } else { nil }
    }
}

/// A speaker, and where an alignment first names them.
public struct NamedSpeaker: Equatable, Sendable {
    public var name: String
    public var path: String
    /// From 1.
    public var line: Int

    public init(_ name: String, path: String, line: Int) {
        (self.name, self.path, self.line) = (name, path, line)
    }
}

/// The labels of one utterance, as its files give them.
public struct Alignment: Equatable, Sendable {
    /// The utterance's name, by which token files know it.
    public var utterance: ByteString
    /// Of the first file.
    public var path: String
    /// Where the utterance begins in that file, from 1.
    public var line: Int
    /// In the order of the files.
    public var tiers: [AlignmentTier]
    /// Each once, in the order in which they are named; none where no file names them.
    public var speakers: [NamedSpeaker]

    public init(
        utterance: ByteString, path: String, line: Int = 1, tiers: [AlignmentTier],
        speakers: [NamedSpeaker] = []
    ) {
        (self.utterance, self.path, self.line) = (utterance, path, line)
        (self.tiers, self.speakers) = (tiers, speakers)
        for index in tiers.indices where tiers[index].path.isEmpty { self.tiers[index].path = path }
    }

    /// Adds what another file says of the utterance.
    /// - Throws: `AlignmentError` for a tier that is there already.
    mutating func add(_ other: Alignment) throws(AlignmentError) {
        for tier in other.tiers {
            if let known = tiers.first(where: { $0.name == tier.name }) {
                throw .twice(
                    utterance: utterance, tier: tier.name, path: tier.path, line: other.line,
                    other: known.path)
            }
            tiers.append(tier)
        }
        for speaker in other.speakers where !speakers.contains(where: { $0.name == speaker.name }) {
            speakers.append(speaker)
        }
    }

    /// What tiers are called where a file does not name them.
    public static let usualTier = "phones"

    /// The intervals of the tier with a name.
    /// - Parameter name: nil for `phones` or `phone`, or the only tier of intervals there is.
    /// - Throws: `AlignmentError` where there is none, or it cannot be judged.
    public func tier(_ name: String?) throws(AlignmentError) -> [LabelledInterval] {
        try judgedTier(name).intervals ?? []
    }

    /// The tier of intervals with a name.
    /// - Parameter name: as above.
    /// - Throws: `AlignmentError` where there is none, or two, or it is empty, or its intervals overlap.
    public func judgedTier(_ name: String?) throws(AlignmentError) -> AlignmentTier {
        let candidates = tiers.filter { $0.intervals != nil }
        let wanted = name.map { [$0] } ?? [Self.usualTier, "phone"]
        let named = wanted.lazy.compactMap { name in candidates.first { $0.name == name } }.first
        let only = name == nil && candidates.count == 1 ? candidates.first : nil
        guard let tier = named ?? only, let intervals = tier.intervals else {
            throw .noTier(
                path: path, line: line, utterance: utterance, name: name, tiers: candidates.map(\.name))
        }
        let others = candidates.filter { $0.name == tier.name }.dropFirst()
        if let other = others.first {
            throw .malformed(path: other.path, line: other.line, .sameTier(tier.name, otherLine: tier.line))
        }
        if let fault = tier.fault { throw fault }
        guard !intervals.isEmpty else { throw .malformed(path: tier.path, line: tier.line, .noIntervals) }
        return tier
    }
}
