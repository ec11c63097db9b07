import Files
import SystemPackage

/// The files that hold alignments. Which one a file is follows from its name's ending, and for `.lab` from its text.
public enum AlignmentFormat: String, CaseIterable, Sendable {
    /// Praat's, as text.
    case textGrid = "textgrid"
    /// `start end label` in samples, of TIMIT's `.phn` and `.wrd`.
    case timit
    /// NIST's and Kaldi's `utterance channel start duration label`.
    case ctm
    /// HTK's `start end label` in units of 100 ns.
    case htk
    /// HTK's master label file of many utterances.
    case mlf
    /// The labels of festvox and ESPS, `end number label` below a header.
    case festvox
    /// Audacity's label track.
    case audacity
    /// With a header: MFA's, or `utterance,start,end,label`.
    case csv
    /// `utterance<tab>start<tab>end<tab>label`, then perhaps a speaker.
    case tsv

    /// Endings of names, in small letters.
    public static let endings = ["textgrid", "phn", "wrd", "ctm", "lab", "mlf", "txt", "csv", "tsv"]

    /// - Throws: `AlignmentError` where the text is none of a `.lab` file.
    init?(_ text: AlignmentText, ending: String) throws(AlignmentError) {
        switch ending {
        case "textgrid": self = .textGrid
        case "phn", "wrd": self = .timit
        case "ctm": self = .ctm
        case "lab": self = try Self.labels(text)
        case "mlf": self = .mlf
        case "txt": self = .audacity
        case "csv": self = .csv
        case "tsv": self = .tsv
        default: return nil
        }
    }

    private static func labels(_ text: AlignmentText) throws(AlignmentError) -> AlignmentFormat {
        let lines = text.lines
        guard let first = lines.first else { throw text.problem(.noIntervals, at: 1) }
        if first.text.hasPrefix(MasterLabels.mark) { return .mlf }
        if lines.contains(where: { $0.fields == ["#"] }) { return .festvox }
        guard first.fields.count >= 3, Int(first.fields[0]) != nil, Int(first.fields[1]) != nil else {
            throw text.problem(.noLayout, at: first.number)
        }
        return .htk
    }
}

/// How alignment files are read.
public struct AlignmentOptions: Equatable, Sendable {
    /// Nil for what the name and the text of each file tell.
    public var format: AlignmentFormat?
    /// In Hz, of formats that count samples.
    public var sampleRate = 16000
    /// Whether Kaldi's `_B`, `_I`, `_E` and `_S` are cut off labels.
    public var stripsPositions = false

    public init() {}
}

extension Alignment {
    /// Reads a file of alignments.
    /// - Parameter name: of the utterance where the file holds one and does not name it; nil for the name of the
    ///   file without its ending.
    /// - Throws: `FileError` where the file cannot be read, `AlignmentError` that names the line.
    public static func read(
        _ path: FilePath, name: ByteString? = nil, options: AlignmentOptions = AlignmentOptions()
    ) throws -> [Alignment] {
        let text = try AlignmentText(path: path)
        let ending = (path.extension ?? "").lowercased()
        guard let format = try options.format ?? AlignmentFormat(text, ending: ending) else {
            throw AlignmentError.unknownFormat(path: "\(path)")
        }
        let name = name ?? path.nameWithoutExtension
        let words = ending == "wrd" || ending == "words"
        let tier = words ? "words" : usualTier
        var alignments =
            switch format {
            case .textGrid:
                [Alignment(utterance: name, path: text.path, tiers: try TextGridReader.tiers(text))]
            case .timit: try LabelLines.timit(text, name: name, tier: tier, sampleRate: options.sampleRate)
            case .ctm: try LabelLines.ctm(text)
            case .htk: try LabelLines.htk(text, name: name)
            case .mlf: try MasterLabels.read(text)
            case .festvox: try LabelLines.festvox(text, name: name)
            case .audacity: [try AudacityLabels.read(text, name: name)]
            case .csv: try AlignmentTable.csv(text, name: name)
            case .tsv: try AlignmentTable.tsv(text, name: name)
            }
        if options.stripsPositions {
            for index in alignments.indices { alignments[index].stripPositions() }
        }
        return alignments
    }

    /// Cuts Kaldi's position in the word off the labels of phones: `ah_B` becomes `ah`.
    mutating func stripPositions() {
        for tier in tiers.indices {
            guard case .intervals(var intervals) = tiers[tier].entries else { continue }
            for index in intervals.indices
            where ["_B", "_I", "_E", "_S"].contains(where: intervals[index].label.hasSuffix) {
                intervals[index].label.removeLast(2)
            }
            tiers[tier].entries = .intervals(intervals)
        }
    }
}
