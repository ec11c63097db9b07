/// An output that cannot be written as asked, and what to ask for instead, in one line.
public enum OutputError: Error, Equatable {
    /// Two outputs are one file.
    case sameFile(String, String)
    case isInput(String)
    /// A recording whose name a format cannot hold, and what is wrong with the name.
    case unusableName(recording: ByteString, name: ByteString, problem: String, format: String)
    /// Two recordings that a format would keep under one name.
    case sameName(ByteString, ByteString, as: ByteString, format: String)
    /// A recording whose name is not UTF-8, in a format of text.
    case notText(recording: ByteString, format: String)
    /// A recording whose path a format of lines cannot hold.
    case breaksLines(recording: ByteString, format: String)
    case tooManyRecordings(Int, longestHeader: Int)
    /// A file that is there already, of an output of which nothing says how it was made.
    case unknownMaker(String, of: String)
    /// A file beside an output that is there already and may be anybody's.
    case notOurs(String, beside: String)
    /// The same of a folder's or a dictionary's, with another remedy.
    case notKnown(String, belongsTo: String, remedy: String)
    /// What was made before, with another checkpoint or other options.
    case madeOtherwise(output: String, difference: String)
    /// An object of Kaldi's formats that they cannot hold: the rest of a line that begins with its name.
    case kaldi(name: String, problem: String)
    /// Labels that do not fit the recordings: the rest of a line that begins with the file or recording.
    case labels(String, problem: String)
    /// A path that is no name for an output of a kind.
    case noName(String, kind: String)
}

extension OutputError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sameFile(let first, let second):
            "\(first) and \(second) are one file, to be written twice; rename one of them"
        case .isInput(let output): "\(output) is an input; give the output another name"
        case .unusableName(let recording, let name, let problem, let format):
            "\(recording): its name \(quoted(name)) \(problem), which the format \(format) cannot hold; use jsonl, "
                + "or give it another name"
        case .sameName(let first, let second, let name, let format):
            "\(first) and \(second) would both be written as \(quoted(name)); write them to different outputs, "
                + "name them by their paths (--names path), or use another format than \(format)"
        case .notText(let recording, let format):
            "\(recording): its name is not UTF-8, which the format \(format) cannot hold; use tsv, or rename it"
        case .breaksLines(let recording, let format):
            "\(quoted(recording)) contains a tab or a line end, which the format \(format) cannot hold; use jsonl"
        case .tooManyRecordings(let count, let longest):
            "\(count) recordings are too many for one safetensors file, whose header may have \(longest) bytes; "
                + "write them in parts, or use npz"
        case .unknownMaker(let file, let output):
            "\(file) is there already, and nothing says with which checkpoint and options it was made; remove it, "
                + "or name another output than \(output)"
        case .notOurs(let file, let output):
            "\(file) is there already and not known to belong to \(output); move it, or give the output another "
                + "name"
        case .notKnown(let file, let owner, let remedy):
            "\(file) is there already and not known to \(owner); \(remedy)"
        case .madeOtherwise(let output, let difference):
            "\(output) was made with \(difference); name another output, or remove it"
        case .kaldi(let name, let problem), .labels(let name, let problem): "\(name)\(problem)"
        case .noName(let path, let kind):
            "\(quoted(path)) is not the name of \(kind); give the output a name of its own"
        }
    }
}
