import Files

/// Tokens that a format cannot express, and what to use instead.
public enum TokenFormatError: Error, Equatable {
    /// A model without groups or codewords.
    case noIDs(groups: Int, codewords: Int)
    case tooLarge(TokenIDs, groups: Int, codewords: Int)
    /// Above what the format's matrices hold exactly.
    case inexactPairs(String, largest: Int)
    case noPairs(String)
    /// Ids that the model cannot have made.
    case otherModel(path: String, groups: Int, codewords: Int)
    /// The format needs an output with a name.
    case needsOutput(String, String)
    case stream(String, String)
    /// The format describes audio files, and recordings are converted.
    case resampled(String)
    /// The format describes audio files, and the recording is a part of one.
    case partOfFile(path: String, String)
    /// An option that goes with fairseq's format alone.
    case onlyFairseq(option: String, String)
    /// Companions of an output that has no name.
    case labelsNeedOutput
    case durationsNeedOutput(String)
    /// Lines of a token file that hold something else.
    case line(path: String, number: Int, problem: String)

    static func needsOutput(_ format: ArrayFormat) -> TokenFormatError {
        .needsOutput(format.rawValue, format.needs)
    }

    static func stream(_ output: String, _ format: ArrayFormat) -> TokenFormatError {
        .stream(output, format.rawValue)
    }
}

extension TokenFormatError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noIDs(let groups, let codewords): "\(groups) groups of \(codewords) codewords have no ids"
        case .tooLarge(let ids, let groups, let codewords):
            "\(ids.rawValue) ids of \(groups) groups of \(codewords) codewords do not fit 32-bit integers; use "
                + "--ids pair\(ids == .combined ? " or flat" : "")"
        case .inexactPairs(let format, let largest):
            "--format \(format) holds pairs as 32-bit floats, which are not exact up to \(largest); use --ids flat"
        case .noPairs(let format):
            "--format \(format) has one integer per unit and cannot hold pairs; use --ids combined or flat"
        case .otherModel(let path, let groups, let codewords):
            "\(path): its ids are not those of \(groups) groups of \(codewords) codewords"
        case .needsOutput(let format, let needs): "the format \(format) \(needs)"
        case .stream(let output, let format):
            "\(output) is a device or a pipe; --format \(format) needs a file or a folder"
        case .resampled(let format):
            "--format \(format) describes recordings as they are, so it cannot go with --resample; convert them "
                + "first, or use --format jsonl"
        case .partOfFile(let path, let format):
            "\(path): --format \(format) describes whole audio files, not parts of them or of archives; use "
                + "--format jsonl"
        case .onlyFairseq(let option, let format):
            "\(option) goes with --format fairseq, not \(format); leave it out"
        case .labelsNeedOutput: "--labels writes a file beside the output; name a file (--output)"
        case .durationsNeedOutput(let format):
            "--deduplicate with --format \(format) writes durations beside the output; name a file (--output)"
        case .line(let path, let number, let problem):
            "\(path):\(number): \(problem); give a file that quantize wrote as tsv or fairseq with this checkpoint"
        }
    }
}
