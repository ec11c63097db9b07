import Files

/// Alignments that cannot be used: which file, where in it, and what to do, in one line.
public enum AlignmentError: Error, Equatable {
    /// - Parameter line: nil where the fault is in no line.
    case malformed(path: String, line: Int?, Problem)
    case noTier(path: String, line: Int, utterance: ByteString, name: String?, tiers: [String])
    /// Two files, or two places of one, have the same tier of an utterance.
    case twice(utterance: ByteString, tier: String, path: String, line: Int, other: String)
    /// A file whose name tells no format.
    case unknownFormat(path: String)
    /// A folder without alignments.
    case noFiles(path: String)

    /// What is wrong with a file of alignments.
    public enum Problem: Error, Equatable, Sendable {
        case binary
        case notText
        case zeroByte
        case notNumber(String)
        case notWhole(String)
        case notFinite
        case negative(String)
        case backwards
        case overlap(end: Double)
        /// Intervals of two channels that overlap.
        case channels(String, String)
        /// Two tiers of one name in a file.
        case sameTier(String, otherLine: Int)
        /// Fewer fields than there have to be; what they are.
        case fields(String)
        case noTabs
        case openQuote
        case noColumn(String)
        case noMaster
        case noLayout
        case noIntervals
        /// A TextGrid that goes on otherwise than it should.
        case expected(String)
        case tooFew(tier: String, stated: Int, found: Int)
        case count(String)
    }
}

extension AlignmentError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let path, let line, let problem):
            path + (line.map { ":\($0)" } ?? "") + ": \(problem)"
        case .noTier(let path, let line, let utterance, let name, let tiers):
            "\(path):\(line): utterance \(utterance) has "
                + (tiers.isEmpty
                    ? "no tier of intervals; give an alignment of phones"
                    : "the tiers \(tiers.map { quoted($0) }.joined(separator: ", "))"
                        + (name.map { ", none \(quoted($0))" } ?? "") + "; choose one with --tier")
        case .twice(let utterance, let tier, let path, let line, let other):
            "\(path):\(line): the tier \(quoted(tier)) of utterance \(utterance) is in \(other) already; give one of them"
        case .unknownFormat(let path):
            "\(path): its name tells no format of alignments; give it the ending TextGrid, phn, wrd, ctm, lab, mlf, "
                + "txt, csv or tsv"
        case .noFiles(let path):
            "\(path): holds no alignments (TextGrid, phn, wrd, ctm, lab, mlf, txt, csv, tsv); name another folder"
        }
    }
}

extension AlignmentError.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .binary: "is a binary TextGrid; save it as text in Praat (Save as text file)"
        case .notText: "is neither UTF-8 nor UTF-16 with a byte order mark; save it as UTF-8"
        case .zeroByte: "contains a zero byte; save it as text"
        case .notNumber(let text): "expected a time, found \(quoted(text)); correct the line"
        case .notWhole(let text):
            "expected whole numbers, found \(quoted(text)); times of this format are no seconds"
        case .notFinite: "the time is no number that a recording can have; correct the line"
        case .negative(let text): "\(quoted(text)) is negative; times and durations are not"
        case .backwards: "ends before it begins; correct the times"
        case .overlap(let end): "begins before the interval before it ends (\(end) s); correct the times"
        case .channels(let first, let second):
            "channel \(quoted(second)) speaks while channel \(quoted(first)) does; give each a recording and an utterance "
                + "of its own, or leave one out"
        case .sameTier(let name, let line):
            "there are two tiers \(quoted(name)), another begins in line \(line); give them names of their own"
        case .fields(let expected): "expected \(expected); complete the line"
        case .noTabs: "expected \"start<tab>end<tab>label\"; separate the fields with tabs"
        case .openQuote: "a quote is opened and never closed; close it"
        case .noColumn(let name):
            "has no column \(quoted(name)); begin with a line such as utterance,start,end,label"
        case .noMaster: "expected \"#!MLF!#\"; a master label file begins with that line"
        case .noLayout:
            "is neither HTK's \"start end label\" in whole numbers nor festvox's, whose header ends with a line #; "
                + "give one of these"
        case .noIntervals: "has no intervals; leave the file out, or align it again"
        case .expected(let what): "expected \(what); save it again in Praat"
        case .tooFew(let tier, let stated, let found):
            "the tier \(quoted(tier)) is said to have \(stated) entries, but \(found) follow; save it again in Praat"
        case .count(let text): "expected a number of entries, found \(quoted(text)); save it again in Praat"
        }
    }
}
