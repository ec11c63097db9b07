import Files

/// Collects the tiers of utterances while a file is read, and marks those whose intervals go backwards or overlap.
struct AlignmentReading {
    private struct Tier {
        let name: String
        var intervals: [LabelledInterval] = []
        var fault: AlignmentError?
        /// Of the last interval.
        var channel: Substring?
    }

    private struct Utterance {
        let name: ByteString
        let line: Int
        var speakers: [NamedSpeaker] = []
        var tiers: [Tier] = []
    }

    let text: AlignmentText
    /// In the order in which they were first seen.
    private var utterances: [Utterance] = []
    private var places: [ByteString: Int] = [:]

    /// Times are written with so many digits that ends and starts may differ by rounding, in seconds.
    private static let rounding = 1e-6

    init(_ text: AlignmentText) { self.text = text }

    /// Adds an interval behind the others of its tier.
    mutating func add(
        _ interval: LabelledInterval, to tier: String, of name: ByteString, speaker: String? = nil,
        channel: Substring? = nil
    ) {
        let place = places[name] ?? utterances.count
        if place == utterances.count {
            places[name] = place
            utterances.append(Utterance(name: name, line: interval.line))
        }
        if let speaker, !speaker.isEmpty, !utterances[place].speakers.contains(where: { $0.name == speaker })
        {
            utterances[place].speakers.append(NamedSpeaker(speaker, path: text.path, line: interval.line))
        }
        let known = utterances[place].tiers.firstIndex { $0.name == tier }
        let number = known ?? utterances[place].tiers.count
        if known == nil { utterances[place].tiers.append(Tier(name: tier)) }
        var fault = Self.fault(
            interval, after: utterances[place].tiers[number].intervals.last, text, line: interval.line)
        if case .malformed(let path, let line, .overlap) = fault, let channel,
            let other = utterances[place].tiers[number].channel, other != channel
        {
            fault = .malformed(path: path, line: line, .channels(String(other), String(channel)))
        }
        utterances[place].tiers[number].fault = utterances[place].tiers[number].fault ?? fault
        utterances[place].tiers[number].channel = channel
        utterances[place].tiers[number].intervals.append(interval)
    }

    /// What is wrong with an interval that is backwards, or begins before the one before it ends.
    static func fault(
        _ interval: LabelledInterval, after previous: LabelledInterval?, _ text: AlignmentText, line: Int
    ) -> AlignmentError? {
        guard interval.end.isFinite else { return text.problem(.notFinite, at: line) }
        guard interval.end >= interval.start else { return text.problem(.backwards, at: line) }
        guard let previous, interval.start < previous.end - rounding else { return nil }
        return text.problem(.overlap(end: previous.end), at: line)
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
                        line: tier.intervals.first?.line ?? utterance.line, fault: tier.fault)
                },
                speakers: utterance.speakers)
        }
    }
}
