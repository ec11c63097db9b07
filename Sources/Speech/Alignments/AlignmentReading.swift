import Files

/// Collects the tiers of utterances while a file is read, and refuses intervals that go backwards or overlap.
struct AlignmentReading {
    private struct Utterance {
        let name: ByteString
        let line: Int
        var speaker: String?
        var tiers: [(name: String, intervals: [LabelledInterval])] = []
    }

    let text: AlignmentText
    /// In the order in which they were first seen.
    private var utterances: [Utterance] = []
    private var places: [ByteString: Int] = [:]

    /// Times are written with so many digits that ends and starts may differ by rounding, in seconds.
    private static let rounding = 1e-6

    init(_ text: AlignmentText) { self.text = text }

    /// Adds an interval behind the others of its tier.
    /// - Throws: `AlignmentError` that names the line.
    mutating func add(
        _ interval: LabelledInterval, to tier: String, of name: ByteString, speaker: String? = nil
    ) throws(AlignmentError) {
        let place = places[name] ?? utterances.count
        if place == utterances.count {
            places[name] = place
            utterances.append(Utterance(name: name, line: interval.line, speaker: speaker))
        }
        let known = utterances[place].tiers.firstIndex { $0.name == tier }
        let number = known ?? utterances[place].tiers.count
        if known == nil { utterances[place].tiers.append((tier, [])) }
        try Self.check(
            interval, after: utterances[place].tiers[number].intervals.last, text, line: interval.line)
        utterances[place].tiers[number].intervals.append(interval)
    }

    /// - Throws: `AlignmentError` where the interval is backwards, or begins before the one before it ends.
    static func check(
        _ interval: LabelledInterval, after previous: LabelledInterval?, _ text: AlignmentText, line: Int
    ) throws(AlignmentError) {
        guard interval.end.isFinite else { throw text.problem(.notFinite, at: line) }
        guard interval.end >= interval.start else { throw text.problem(.backwards, at: line) }
        if let previous, interval.start < previous.end - rounding {
            throw text.problem(.overlap(end: previous.end), at: line)
        }
    }

    /// - Throws: `AlignmentError` where there was no interval.
    func finish() throws(AlignmentError) -> [Alignment] {
        guard !utterances.isEmpty else { throw text.problem(.noIntervals, at: 1) }
        return utterances.map { utterance in
            Alignment(
                utterance: utterance.name, path: text.path, line: utterance.line,
                tiers: utterance.tiers.map { tier in
                    AlignmentTier(
                        name: tier.name, .intervals(tier.intervals),
                        line: tier.intervals.first?.line ?? utterance.line)
                },
                speaker: utterance.speaker)
        }
    }
}
