import Files
import Speech

/// Units of utterances beside their phones, and every count that scores are made of.
public struct LabelledUnits: Sendable {
    /// One utterance.
    public struct Utterance: Sendable {
        public let name: ByteString
        /// Of the recording.
        public let seconds: Double
        /// The number of the unit of each frame.
        public let units: [Int32]
        /// Frames that lie in no interval.
        public let unlabelledFrames: Int
        /// At the tolerance, of units as they are, and after merging runs.
        public let boundaries: BoundaryScores
        public let mergedBoundaries: BoundaryScores
        /// Cells of the table of phones and units.
        let part: JointCounts.Part
        /// Frames and runs by the number of the unit.
        let usage: [(unit: Int32, frames: Int32, runs: Int32)]
    }

    public private(set) var utterances: [Utterance] = []
    /// By their number; in the order in which they were first seen.
    public private(set) var phones: [String] = []
    private var phoneNumbers: [String: Int] = [:]
    public private(set) var table = UnitTable()
    public private(set) var sequences = SequenceCounts()
    public let centres: FrameCentres
    /// G.
    public let groups: Int
    /// In seconds.
    public let tolerance: Double
    /// Runs shorter than this, in frames, are merged for `mergedBoundaries`.
    public let shortestRun: Int

    /// - Parameters:
    ///   - tolerance: of boundaries, in seconds.
    ///   - shortestRun: frames.
    public init(centres: FrameCentres, groups: Int, tolerance: Double = 0.02, shortestRun: Int = 3) {
        (self.centres, self.groups) = (centres, groups)
        (self.tolerance, self.shortestRun) = (tolerance, shortestRun)
    }

    /// A frame stands for its centre, and gets the phone whose interval [start, end) holds that.
    /// - Parameters:
    ///   - ids: [T, G], row-major.
    ///   - intervals: in order, none overlapping the next.
    ///   - seconds: of the recording.
    public mutating func add(
        name: ByteString, ids: [Int32], intervals: [LabelledInterval], seconds: Double
    ) {
        let units = table.numbers(of: ids, groups: groups)
        sequences.add(units: units, ids: ids, groups: groups, seconds: seconds)
        var cells: [UInt64: Int32] = [:]
        var (interval, labelled) = (0, 0)
        for (frame, unit) in units.enumerated() {
            let time = centres[frame]
            while interval + 1 < intervals.count, intervals[interval + 1].start <= time { interval += 1 }
            guard interval < intervals.count, intervals[interval].start <= time,
                time < intervals[interval].end
            else { continue }
            labelled += 1
            let phone = number(of: intervals[interval].label)
            cells[UInt64(phone) << 32 | UInt64(unit), default: 0] += 1
        }
        let reference = BoundaryScores.boundaries(of: intervals)
        func boundaries(_ units: [Int32]) -> BoundaryScores {
            BoundaryScores(
                reference: reference, units: BoundaryScores.boundaries(of: units, centres: centres),
                tolerance: tolerance)
        }
        var usage: [Int32: (frames: Int32, runs: Int32)] = [:]
        for run in UnitRuns.of(units) {
            let known = usage[run.unit] ?? (0, 0)
            usage[run.unit] = (known.frames + Int32(run.length), known.runs + 1)
        }
        utterances.append(
            Utterance(
                name: name, seconds: seconds, units: units, unlabelledFrames: units.count - labelled,
                boundaries: boundaries(units),
                mergedBoundaries: boundaries(UnitRuns.merged(units, shorterThan: shortestRun)),
                part: JointCounts.Part(
                    cells: cells.sorted { $0.key < $1.key }.map {
                        (phone: Int32($0.key >> 32), unit: Int32($0.key & 0xFFFF_FFFF), frames: $0.value)
                    }),
                usage: usage.sorted { $0.key < $1.key }.map { ($0.key, $0.value.frames, $0.value.runs) }))
    }

    /// Adds the units of all recordings that were matched.
    public mutating func add(_ matched: MatchedRecordings) {
        for recording in matched.recordings {
            add(
                name: recording.frames.name, ids: recording.frames.ids, intervals: recording.intervals,
                seconds: recording.seconds)
        }
    }

    private mutating func number(of phone: String) -> Int {
        if let known = phoneNumbers[phone] { return known }
        phones.append(phone)
        phoneNumbers[phone] = phones.count - 1
        return phones.count - 1
    }

    /// n(p, u) of all utterances.
    public var counts: JointCounts {
        var counts = JointCounts(phones: phones.count, units: table.count)
        for utterance in utterances { counts.add(utterance.part, times: 1) }
        return counts
    }

    /// The numbers of phones with one of these labels.
    public func numbers(ofPhones labels: Set<String>) -> Set<Int> {
        Set(labels.compactMap { phoneNumbers[$0] })
    }

    public var boundaries: BoundaryScores { sum(\.boundaries) }
    public var mergedBoundaries: BoundaryScores { sum(\.mergedBoundaries) }
    public var unlabelledFrames: Int { utterances.reduce(0) { $0 + $1.unlabelledFrames } }

    private func sum(_ scores: KeyPath<Utterance, BoundaryScores>) -> BoundaryScores {
        utterances.reduce(into: BoundaryScores()) { $0.add($1[keyPath: scores]) }
    }
}
