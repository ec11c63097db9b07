import Files
import TensorFiles

/// How tokens are written. The raw value is the format's name on the command line.
public enum TokenFormat: String, CaseIterable, Sendable {
    /// `path<TAB>3-17 3-17 250-4`: frames separated by spaces, groups by `-`.
    case tsv
    /// fairseq's `.src`: the same without the path, one line per input in order; a dictionary beside it.
    case fairseq
    /// GSLM's `name|17 250 4`.
    case gslm
    /// `{"name":…,"path":…,"samples":…,"rate":…,"frames":T,"ids":[[3,17],…]}`, one line per input.
    case jsonl
    /// A folder with one int32 array [T, G] per input.
    case npy
    /// NumPy's archive with one int32 array per input.
    case npz
    /// One file with a tensor per input.
    case safetensors
    /// Kaldi's archive and index.
    case kaldi
    /// Cuts with tokens in their custom fields, one line per input.
    case lhotse

    /// What `--ids` is where it is not given.
    public var usualIDs: TokenIDs { self == .gslm ? .combined : .pair }

    /// Whether the output is a stream of lines, which may go to standard output or a pipe.
    var hasLines: Bool {
        switch self {
        case .tsv, .fairseq, .gslm, .jsonl, .lhotse: true
        case .npy, .npz, .safetensors, .kaldi: false
        }
    }

    /// Whether durations go to a file of their own, line by line.
    var keepsDurationsApart: Bool { self == .fairseq || self == .gslm }

    /// Whether the description of the output is a part of it.
    var holdsDescription: Bool { self == .safetensors }

    /// Endings of the names under which an utterance's numbers are kept.
    private func endings(_ encoding: TokenEncoding) -> [String] {
        encoding.deduplicates ? ["", EncodedTokens.durationsEnding] : [""]
    }

    /// Refuses names and paths that the format cannot hold or keep apart.
    /// - Throws: `OutputError`.
    func check(_ recordings: [RecordingName], _ encoding: TokenEncoding) throws {
        let endings = endings(encoding)
        switch self {
        case .tsv: try TabbedTokens.check(recordings)
        case .fairseq: break
        case .jsonl: try JSONTokens.names.requireText(recordings)
        case .gslm: try GSLMTokens.names.check(recordings)
        case .npy: try NameRule.files(format: "npy", endings: endings).check(recordings)
        case .npz: try ZippedTokens.names(endings: endings).check(recordings)
        case .safetensors: try SafetensorsStream.check(recordings, endings: endings)
        case .kaldi: try KaldiTokens.names.check(recordings)
        case .lhotse: try LhotseTokens.names.check(recordings)
        }
    }

    /// The files that are written, companions included, but for those of `npy`'s folder.
    func files(_ output: String, _ encoding: TokenEncoding) -> [String] {
        switch self {
        case .npy: []
        case .kaldi:
            (encoding.deduplicates ? ["", EncodedTokens.durationsEnding] : [""])
                .map { ArkPaths(output: output, part: $0) }.flatMap { [$0.archive, $0.index] }
        default: [output] + (durationsFile(output, encoding).map { [$0] } ?? [])
        }
    }

    /// What the description is written beside.
    func described(_ output: String) -> String {
        self == .kaldi ? ArkPaths(output: output).archive : output
    }

    private func durationsFile(_ output: String?, _ encoding: TokenEncoding) -> String? {
        guard let output, encoding.deduplicates, keepsDurationsApart else { return nil }
        return FairseqTokens.companion(of: output, suffix: "dur")
    }

    /// Starts an output.
    /// - Parameter output: a file, a folder for `npy`, `X` for Kaldi's X.ark; nil for standard output.
    /// - Throws: `FileError` for an output that cannot be written, `TokenFormatError` where it has to be named.
    func writer(_ output: String?, _ encoding: TokenEncoding) throws -> any TokenWriter {
        let durations = durationsFile(output, encoding)
        switch self {
        case .tsv: return try TokenLineWriter(TabbedTokens(), output: output)
        case .fairseq: return try TokenLineWriter(FairseqTokens(), output: output, durations: durations)
        case .gslm: return try TokenLineWriter(GSLMTokens(), output: output, durations: durations)
        case .jsonl: return try TokenLineWriter(JSONTokens(), output: output)
        case .lhotse: return try TokenLineWriter(LhotseTokens(), output: output)
        case .npy, .npz, .safetensors, .kaldi: break
        }
        guard let output else { throw TokenFormatError(outputMissing) }
        switch self {
        case .npy: return try NumpyTokens(folder: output)
        case .npz: return try ZippedTokens(path: output)
        case .kaldi: return try KaldiTokens(output: output, encoding: encoding)
        default: return try SafetensorsTokens(path: output, encoding: encoding)
        }
    }

    /// What to say where such an output has no name.
    var outputMissing: String {
        switch self {
        case .npy: "the format npy writes one file per input; name an output folder for them (--output)"
        case .kaldi: "the format kaldi writes X.ark and X.scp; name X (--output)"
        default: "the format \(rawValue) cannot be written to standard output; name a file (--output)"
        }
    }
}
