import Files
import Speech

/// Units or features of recordings beside their labels, matched by name and checked against each other.
public struct MatchedRecordings: Sendable {
    public struct Recording: Sendable {
        public let frames: RecordingFrames
        /// In seconds; where the number of samples is not known, the least that gives so many frames.
        public let seconds: Double
        /// Empty where there are no labels at all.
        public let intervals: [LabelledInterval]
        /// Of the table of speakers, else of the alignments; none where they are not known.
        public let speakers: [NamedSpeaker]
    }

    /// In the order of the frames that were given.
    public private(set) var recordings: [Recording] = []
    /// Recordings, and alignments, that were left out because they have no counterpart.
    public private(set) var unlabelled = 0
    public private(set) var unused = 0
    /// Whether lengths had to be concluded from the number of frames.
    public private(set) var lengthsAreEstimates = false

    /// Labels may end so long after the recording, in seconds: aligners work with whole frames.
    private static let lateness = 0.05

    /// - Parameters:
    ///   - path: of the frames, for messages.
    ///   - alignments: nil for recordings without labels.
    ///   - tier: nil for what is usual.
    ///   - speakers: of utterances, before what alignments say; where there are any, each has to have one.
    ///   - matchedOnly: leaves out what has no counterpart, which is an error otherwise.
    /// - Throws: `EvaluationError` or `AlignmentError` that names the line.
    public init(
        _ all: [RecordingFrames], path: String, centres: FrameCentres, alignments: AlignmentSet?,
        tier: String? = nil, speakers: [ByteString: String] = [:], matchedOnly: Bool = false
    ) throws {
        for frames in all {
            let seconds = try Self.seconds(frames, path: path, centres)
            if frames.samples == nil { lengthsAreEstimates = true }
            guard let alignments else {
                recordings.append(
                    Recording(frames: frames, seconds: seconds, intervals: [], speakers: []))
                continue
            }
            guard let alignment = alignments[frames.name] else {
                guard matchedOnly else {
                    throw EvaluationError.noAlignment(path: path, line: frames.line, utterance: frames.name)
                }
                unlabelled += 1
                continue
            }
            let judged = try alignment.judgedTier(tier)
            let intervals = judged.intervals ?? []
            let latest = seconds + Self.lateness + Self.uncertainty(frames, centres)
            if let late = intervals.first(where: { $0.end > latest }) {
                throw EvaluationError.endsAfterRecording(
                    path: judged.path, line: late.line, end: late.end, seconds: seconds,
                    isEstimate: frames.samples == nil)
            }
            let known = speakers[frames.name].map { [NamedSpeaker($0, path: "", line: 0)] }
            guard known != nil || !alignment.speakers.isEmpty || speakers.isEmpty else {
                throw EvaluationError.noSpeaker(path: path, line: frames.line, utterance: frames.name)
            }
            recordings.append(
                Recording(
                    frames: frames, seconds: seconds, intervals: intervals,
                    speakers: known ?? alignment.speakers))
        }
        guard let alignments else { return }
        let names = Set(all.map(\.name))
        for alignment in alignments.alignments where !names.contains(alignment.utterance) {
            guard matchedOnly else {
                throw EvaluationError.unknownUtterance(
                    path: alignment.path, line: alignment.line, utterance: alignment.utterance)
            }
            unused += 1
        }
        guard !recordings.isEmpty else {
            throw EvaluationError.nothingInCommon(
                frames: path, alignments: alignments.alignments.first?.path ?? "the alignments")
        }
    }

    /// The recordings as ABX takes them: of one speaker each where speakers are known at all.
    /// - Parameter path: of the frames, for messages.
    /// - Throws: `EvaluationError` for a recording of several speakers, or of nobody beside others of somebody.
    public func labels(path: String) throws(EvaluationError) -> [ABXItems.Labels] {
        let isKnown = recordings.contains { !$0.speakers.isEmpty }
        var labels: [ABXItems.Labels] = []
        for recording in recordings {
            let (name, speakers) = (recording.frames.name, recording.speakers)
            if speakers.count > 1 { throw .severalSpeakers(utterance: name, speakers[0], speakers[1]) }
            guard !isKnown || !speakers.isEmpty else {
                throw .speakerOfSome(path: path, line: recording.frames.line, utterance: name)
            }
            labels.append((name, recording.intervals, speakers.first?.name))
        }
        return labels
    }

    /// How long a recording is, as far as it is known.
    private static func seconds(
        _ frames: RecordingFrames, path: String, _ centres: FrameCentres
    ) throws(EvaluationError) -> Double {
        if let rate = frames.sampleRate, rate != centres.sampleRate {
            throw .otherRate(path: path, line: frames.line, rate: rate, expected: centres.sampleRate)
        }
        if let samples = frames.samples {
            try frames.requireLength(samples, of: frames.recording, centres, path: path)
        }
        let samples = frames.samples ?? centres.leastSamples(frames: frames.count)
        return Double(samples) / Double(centres.sampleRate)
    }

    /// How much longer a recording may be than the least that gives so many frames, in seconds: by what is too short for
    /// another frame, and by the frames that a program may have left out.
    private static func uncertainty(_ frames: RecordingFrames, _ centres: FrameCentres) -> Double {
        guard frames.samples == nil else { return 0 }
        return Double((1 + RecordingFrames.tolerance) * centres.hop - 1) / Double(centres.sampleRate)
    }
}
