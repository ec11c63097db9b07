import Files
import TensorFiles

/// What a command is asked to write tokens to, and how.
public struct TokenOutputOptions: Sendable, Equatable {
    public var format = TokenFormat.tsv
    /// nil for standard output.
    public var output: String?
    /// nil for what is usual in the format.
    public var ids: TokenIDs?
    public var deduplicates = false
    /// Labels to be passed through, as in `vq-wav2vec_featurize.py`: a file with a line per recording, or the
    /// suffix of a file beside each. For `fairseq`.
    public var labels: String?
    /// Where the counts of the tokens go, for `fairseq`; nil for `dict.txt` in the output's folder.
    public var dictionary: String?
    /// A folder for the tokens that occurred, as dictionaries of fairseq and Hugging Face.
    public var vocabulary: String?

    public init() {}

    /// The file that appears last: where it is there, the output is complete. Nil for standard output and for
    /// `npy`, whose files are complete one by one.
    public var lastFile: String? {
        switch format {
        case .npy: nil
        case .kaldi: output.map { ArkPaths(output: $0).index }
        default: output
        }
    }

    /// The encoding for a model.
    /// - Parameters:
    ///   - groups: G.
    ///   - codewords: V.
    /// - Throws: `TokenFormatError` where ids do not fit, or the format cannot hold them.
    public func encoding(groups: Int, codewords: Int) throws -> TokenEncoding {
        let encoding = try TokenEncoding(
            ids ?? format.usualIDs, groups: groups, codewords: codewords, deduplicates: deduplicates)
        if format == .kaldi, encoding.ids == .pair, encoding.largest > KaldiTokens.largestFloat {
            throw TokenFormatError(
                "--format kaldi holds pairs as 32-bit floats, which are not exact up to \(encoding.largest); "
                    + "use --ids flat")
        }
        return encoding
    }

    /// Refuses combinations that mean nothing, before anything is read.
    /// - Parameter resamples: whether recordings of another rate are converted.
    /// - Throws: `TokenFormatError`.
    public func check(resamples: Bool) throws {
        let name = format.rawValue
        if output == nil, !format.hasLines { throw TokenFormatError(format.outputMissing) }
        if let output, !format.hasLines, OutputFiles.isStream(output) {
            throw TokenFormatError("\(output) is a device or a pipe; --format \(name) needs a file")
        }
        if format == .gslm, ids == .pair {
            throw TokenFormatError(
                "--format gslm has one integer per unit and cannot hold pairs; use --ids combined or flat")
        }
        if format == .lhotse, resamples {
            throw TokenFormatError(
                "--format lhotse describes recordings as they are, so it cannot go with --resample; convert them "
                    + "first, or use --format jsonl")
        }
        if labels != nil || dictionary != nil {
            let option = labels != nil ? "--labels" : "--dictionary"
            guard format == .fairseq else {
                throw TokenFormatError("\(option) goes with --format fairseq, not \(name); leave it out")
            }
        }
        guard output.map({ !OutputFiles.isStream($0) }) != true else { return }
        if labels != nil {
            throw TokenFormatError("--labels writes a file beside the output; name a file (--output)")
        }
        if deduplicates, format.keepsDurationsApart {
            throw TokenFormatError(
                "--deduplicate with --format \(name) writes durations beside the output; name a file (--output)"
            )
        }
    }
}
