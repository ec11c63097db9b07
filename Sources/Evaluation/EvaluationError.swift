import Files
import Speech

/// What cannot be evaluated, and what to do about it, in one line.
public enum EvaluationError: Error, Equatable {
    case tooFewFrames(Int, clusters: Int)
    /// In Hz: MFCCs cannot be made of such recordings.
    case rateTooLow(Int)
    /// Units or features without labels.
    case noAlignment(path: String, line: Int?, utterance: ByteString)
    /// An utterance that is in no table of speakers.
    case noSpeaker(path: String, line: Int?, utterance: ByteString)
    /// An utterance without a speaker beside others that have one.
    case speakerOfSome(path: String, line: Int?, utterance: ByteString)
    /// Speakers that alignments name for one utterance.
    case severalSpeakers(utterance: ByteString, NamedSpeaker, NamedSpeaker)
    /// Those of a recording that is not there, for the baseline.
    case noRecording(path: String, line: Int?, utterance: ByteString)
    /// Labels without units or features.
    case unknownUtterance(path: String, line: Int, utterance: ByteString)
    /// Recordings and labels of which none belong together.
    case nothingInCommon(frames: String, alignments: String)
    /// - Parameter isEstimate: whether the length follows from the number of frames.
    case endsAfterRecording(path: String, line: Int, end: Double, seconds: Double, isEstimate: Bool)
    /// Units of a recording at another rate than their frames are counted by.
    case otherRate(path: String, line: Int?, rate: Int, expected: Int)
    /// A number of frames that does not belong to the length of the recording.
    /// - Parameter recording: what it is called; nil where the frames' own file tells its length.
    case otherLength(
        path: String, line: Int?, frames: Int, samples: Int, recording: String?, expected: Int)
    /// A line of an item file.
    case item(path: String, line: Int, ItemProblem)
    /// More kinds of labels, times kinds of units, than a table can have.
    case tooManyLabels(Int, units: Int)
    /// An item file without items.
    case noItems(path: String)
    /// A task that leaves nothing to compare.
    case noCells(on: String, by: [String], across: [String])
    /// Items of a recording that has no frames.
    case missingFrames(path: String, line: Int, recording: ByteString)
    /// An item before the first or behind the last frame of its recording.
    case outside(path: String, line: Int, frames: Range<Int>, count: Int)
    case emptyItem(path: String, line: Int)
    case notFinite(recording: ByteString)
    /// Frames with negative values, for a distance of distributions.
    case notDistributions(recording: ByteString)
    /// Frames whose distances would be beyond single precision.
    case tooLarge(recording: ByteString)
    case noColumn(path: String, name: String)
    case notUnits(distance: String)
    case notFrames(distance: String)
    case differentDimensions(recording: ByteString, Int, others: Int)

    public enum ItemProblem: Equatable, Sendable {
        case fields(Int, expected: Int)
        case time(String)
        case backwards
    }
}

extension EvaluationError {
    /// Whether there are too few frames for so many clusters.
    public var isOfFewFrames: Bool { if case .tooFewFrames = self { true } else { false } }
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooFewFrames(let frames, let clusters):
            "\(frames) frames cannot be \(clusters) clusters; give more recordings, or fewer units"
        case .rateTooLow(let rate):
            "recordings of \(rate) Hz have no MFCCs, which need 1000 Hz; leave out the baseline, or the layer mfcc"
        case .noAlignment(let path, let line, let utterance):
            place(path, line) + "utterance \(utterance) has no alignment; give one, or leave such utterances "
                + "out (--matched-only)"
        case .noSpeaker(let path, let line, let utterance):
            place(path, line)
                + "the table of speakers does not name utterance \(utterance); add it (--speakers)"
        case .speakerOfSome(let path, let line, let utterance):
            place(path, line)
                + "utterance \(utterance) has no speaker, which others have; name it (--speakers), or leave "
                + "out ABX (--abx none)"
        case .severalSpeakers(let utterance, let first, let second):
            "\(second.path):\(second.line): utterance \(utterance) is of \(quoted(second.name)), and of "
                + "\(quoted(first.name)) in \(place(first.path, first.line))give it one speaker (--speakers), or leave "
                + "out ABX (--abx none)"
        case .noRecording(let path, let line, let utterance):
            place(path, line)
                + "utterance \(utterance) is none of the recordings that the baseline is judged on; "
                + "name it too (--names)"
        case .unknownUtterance(let path, let line, let utterance):
            "\(path):\(line): there are no frames of utterance \(utterance); give them, or leave such labels out "
                + "(--matched-only)"
        case .nothingInCommon(let frames, let alignments):
            "\(frames): no utterance of it is in \(alignments); their names have to be the same (--names)"
        case .endsAfterRecording(let path, let line, let end, let seconds, let isEstimate):
            "\(path):\(line): ends at \(end) s, its recording at \(seconds) s"
                + (isEstimate ? " as the number of frames tells" : "")
                + "; give the recording's own alignment"
                + (isEstimate ? ", or say where frames lie (--hop, --window, --rate, --frame-rate)" : "")
        case .otherRate(let path, let line, let rate, let expected):
            place(path, line) + "is of a recording at \(rate) Hz, frames are counted at \(expected) Hz; "
                + "say where they lie (--rate, --hop, --window)"
        case .otherLength(let path, let line, let frames, let samples, let recording, let expected):
            place(path, line)
                + "has \(frames) frames where \(samples) samples\(recording.map { " of \($0)" } ?? "") give "
                + "\(expected); give what was made of this recording, or say where frames lie (--hop, --window)"
        case .item(let path, let line, let problem): "\(path):\(line): \(problem)"
        case .tooManyLabels(let labels, let units):
            "\(labels) different labels beside \(units) different units are no phones; choose the tier of phones (--tier)"
        case .noItems(let path): "\(path): holds no items; make it anew"
        case .noCells(let on, let by, let across):
            "no two items differ in \(on)"
                + (by.isEmpty ? "" : " and agree in \(by.joined(separator: ", "))")
                + (across.isEmpty
                    ? " with a third to compare"
                    : ", with a third of another \(across.joined(separator: ", "))")
                + "; give more recordings, or compare in fewer contexts"
        case .missingFrames(let path, let line, let recording):
            "\(path):\(line): there are no frames of recording \(recording); give them, or leave the item out"
        case .outside(let path, let line, let frames, let count):
            "\(path):\(line): the item is frames \(frames.lowerBound) to \(frames.upperBound - 1) of a recording that "
                + "has \(count); check the times and the frame rate"
        case .emptyItem(let path, let line):
            "\(path):\(line): no frame lies in the item; leave it out, or check the frame rate"
        case .notFinite(let recording):
            "the frames of recording \(recording) hold a number that is not finite; leave it out"
        case .notDistributions(let recording):
            "the frames of recording \(recording) hold negative numbers, so that they are no distributions, which "
                + "kl compares; use another distance (--distance angular)"
        case .tooLarge(let recording):
            "the frames of recording \(recording) hold numbers beyond 1e15, too large to be compared in single "
                + "precision; divide all frames by some number"
        case .noColumn(let path, let name):
            "\(path): has no column \(quoted(name)); its first line names them"
        case .notUnits(let distance):
            "the distance \(distance) compares frames, and these are ids; use identical or edit"
        case .notFrames(let distance):
            "the distance \(distance) compares ids, and these are frames; use angular, euclidean or kl"
        case .differentDimensions(let recording, let dimensions, let others):
            "the frames of recording \(recording) have \(dimensions) dimensions, others \(others); give frames of "
                + "one model"
        }
    }

    private func place(_ path: String, _ line: Int?) -> String { path + (line.map { ":\($0)" } ?? "") + ": " }
}

extension EvaluationError.ItemProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fields(let count, let expected):
            "\(count) fields where the first line names \(expected); complete the line"
        case .time(let text): "\(quoted(text)) is no time in seconds; correct the line"
        case .backwards: "the item ends before it begins; correct the times"
        }
    }
}
