import Files
import Speech

/// The units of one recording, from whatever they were read.
public struct RecordingUnits: Sendable {
    public let name: ByteString
    /// [T, G], row-major.
    public let ids: [Int32]
    /// Length of the recording; nil where it is not known.
    public let samples: Int?
    /// In Hz; nil where it is not known.
    public let sampleRate: Int?
    /// Where the units stand in their file, from 1; nil in files without lines.
    public let line: Int?

    public init(name: ByteString, ids: [Int32], samples: Int?, sampleRate: Int?, line: Int?) {
        (self.name, self.ids) = (name, ids)
        (self.samples, self.sampleRate, self.line) = (samples, sampleRate, line)
    }
}

/// Units of recordings beside their labels, matched by name and checked against each other.
public struct MatchedUnits: Sendable {
    public struct Recording: Sendable {
        public let units: RecordingUnits
        /// In seconds; where the number of samples is not known, the least that gives so many frames.
        public let seconds: Double
        /// Empty where there are no labels at all.
        public let intervals: [LabelledInterval]
        /// Nil where it is not known.
        public let speaker: String?
    }

    /// In the order of the units.
    public private(set) var recordings: [Recording] = []
    /// Units, and alignments, that were left out because they have no counterpart.
    public private(set) var unlabelled = 0
    public private(set) var unused = 0
    /// Whether lengths had to be concluded from the number of frames.
    public private(set) var lengthsAreEstimates = false

    /// Labels may end so long after the recording, in seconds: aligners work with whole frames.
    private static let lateness = 0.05
    /// Frames that there may be more or less than the length gives: programs pad in different ways.
    private static let frameTolerance = 2

    /// - Parameters:
    ///   - path: of the units, for messages.
    ///   - alignments: nil for units without labels.
    ///   - tier: nil for what is usual.
    ///   - speakers: of utterances, before what alignments say.
    ///   - matchedOnly: leaves out what has no counterpart, which is an error otherwise.
    /// - Throws: `EvaluationError` or `AlignmentError` that names the line.
    public init(
        _ units: [RecordingUnits], path: String, groups: Int, centres: FrameCentres,
        alignments: AlignmentSet?,
        tier: String? = nil, speakers: [ByteString: String] = [:], matchedOnly: Bool = false
    ) throws {
        for unit in units {
            if let rate = unit.sampleRate, rate != centres.sampleRate {
                throw EvaluationError.otherRate(
                    path: path, line: unit.line, rate: rate, expected: centres.sampleRate)
            }
            let frames = unit.ids.count / groups
            if let samples = unit.samples {
                let expected = samples < centres.window ? 0 : (samples - centres.window) / centres.hop + 1
                guard abs(expected - frames) <= Self.frameTolerance else {
                    throw EvaluationError.otherLength(
                        path: path, line: unit.line, units: frames, samples: samples, expected: expected)
                }
            } else {
                lengthsAreEstimates = true
            }
            let samples = unit.samples ?? (max(0, frames - 1) * centres.hop + centres.window)
            let seconds = Double(samples) / Double(centres.sampleRate)
            guard let alignments else {
                recordings.append(
                    Recording(units: unit, seconds: seconds, intervals: [], speaker: speakers[unit.name]))
                continue
            }
            guard let alignment = alignments[unit.name] else {
                guard matchedOnly else {
                    throw EvaluationError.noAlignment(path: path, line: unit.line, utterance: unit.name)
                }
                unlabelled += 1
                continue
            }
            let intervals = try alignment.tier(tier)
            if let late = intervals.first(where: { $0.end > seconds + Self.lateness }), unit.samples != nil {
                throw EvaluationError.endsAfterRecording(
                    path: alignment.path, line: late.line, end: late.end, seconds: seconds)
            }
            recordings.append(
                Recording(
                    units: unit, seconds: seconds, intervals: intervals,
                    speaker: speakers[unit.name] ?? alignment.speaker))
        }
        guard let alignments else { return }
        let names = Set(units.map(\.name))
        for alignment in alignments.alignments where !names.contains(alignment.utterance) {
            guard matchedOnly else {
                throw EvaluationError.unknownUtterance(
                    path: alignment.path, line: alignment.line, utterance: alignment.utterance)
            }
            unused += 1
        }
        guard !recordings.isEmpty else {
            throw EvaluationError.nothingInCommon(
                units: path, alignments: alignments.alignments.first?.path ?? "the alignments")
        }
    }
}
