import Files
import SystemPackage
import TensorFiles

/// What a command is asked to write tokens to, and how.
public struct TokenOutputOptions: Sendable, Equatable {
    public var format = TokenFormat.tsv
    /// nil and `-` for standard output.
    public var output: String? {
        didSet { if let output, StandardOutput.isMeant(by: output) { self.output = nil } }
    }
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

    /// Where the output lies; nil for standard output.
    public var location: OutputLocation? { output.map(format.location) }

    /// The output where it is a file or a folder, which may have others beside it.
    var namedOutput: String? { output.flatMap { OutputFiles.isStream($0) ? nil : $0 } }

    /// Where the counts of `fairseq` go: where the user says, else to `dict.txt` beside the output.
    var dictionaryFile: String? {
        guard format.isFairseq else { return nil }
        return dictionary ?? usualDictionary
    }

    var usualDictionary: String? {
        namedOutput.map { output in
            (output.lastIndex(of: "/").map { String(output[...$0]) } ?? "") + "dict.txt"
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
        if case .arrays(let arrays) = format.content, encoding.ids == .pair,
            encoding.largest > arrays.largestInMatrix
        {
            throw TokenFormatError.inexactPairs(format.rawValue, largest: encoding.largest)
        }
        return encoding
    }

    /// What the output says about how it was made.
    /// - Parameter base: of the checkpoint.
    /// - Throws: `EncodingError`.
    public func description(_ base: OutputDescription, _ encoding: TokenEncoding) throws -> OutputDescription
    {
        struct Facts: Encodable {
            let format: String
            let ids: String
            let groups: Int
            let codewords: Int
            let deduplicated: Bool
            let dictionary: String?
            /// The name of the file, or the suffix.
            let labels: String?
            let vocabulary: String?
        }
        var description = base
        try description.add(
            Facts(
                format: format.rawValue, ids: encoding.ids.rawValue, groups: encoding.groups,
                codewords: encoding.codewords, deduplicated: encoding.deduplicates,
                dictionary: dictionaryFile,
                labels: labels.flatMap { FilePath($0).lastComponent?.string }, vocabulary: vocabulary))
        return description
    }

    /// Every file that belongs to the output.
    public func companions(_ encoding: TokenEncoding) -> [String] {
        TokenOutputFiles(self, encoding, hasLabels: labels != nil).all
    }

    /// Refuses combinations that mean nothing, before anything is read.
    /// - Parameter resamples: whether recordings of another rate are converted.
    /// - Throws: `TokenFormatError`, or `OutputError` for a name that is none.
    public func check(resamples: Bool) throws {
        let name = format.rawValue
        if case .arrays(let arrays) = format.content {
            guard let output else { throw TokenFormatError.needsOutput(arrays) }
            if OutputFiles.isStream(output) { throw TokenFormatError.stream(output, arrays) }
        }
        try location?.checkName()
        if let vocabulary { try OutputLocation.checkName(vocabulary, isFolder: true) }
        if !format.holdsPairs, ids == .pair { throw TokenFormatError.noPairs(name) }
        if format.describesAudioFiles, resamples { throw TokenFormatError.resampled(name) }
        if !format.isFairseq, labels != nil || dictionary != nil {
            throw TokenFormatError.onlyFairseq(option: labels != nil ? "--labels" : "--dictionary", name)
        }
        guard namedOutput == nil else { return }
        if labels != nil { throw TokenFormatError.labelsNeedOutput }
        if case .lines(let lines) = format.content, lines.durations != nil, deduplicates {
            throw TokenFormatError.durationsNeedOutput(name)
        }
    }
}
