import Files
import TensorFiles

/// How tokens are written. The raw value is the format's name on the command line.
///
/// A format is one value, in a file of its own. What else goes with an output (descriptions, counts, labels) follows
/// from its properties.
public struct TokenFormat: Sendable {
    public let rawValue: String
    /// What is written, in a few words.
    public let summary: String
    /// What `--ids` is where it is not given.
    public var usualIDs = TokenIDs.pair
    /// Whether a frame may be several numbers side by side.
    var holdsPairs = true
    /// Whether it describes audio files as they are: whole, and not converted.
    public var describesAudioFiles = false
    /// Whether labels and a dictionary go with it, as in fairseq.
    var isFairseq = false
    /// Refuses recordings that it cannot hold or keep apart, with `OutputError`.
    var check: @Sendable (_ recordings: [RecordingName]) throws -> Void = { _ in }
    let content: Content

    enum Content: Sendable {
        case lines(TokenLines)
        case arrays(ArrayFormat)
    }
}

extension TokenFormat: RawRepresentable, CaseIterable, Hashable, CustomStringConvertible {
    /// All there are; a new one is added here.
    public static let allCases: [TokenFormat] = [
        .tsv, .fairseq, .gslm, .jsonl, .npy, .npz, .safetensors, .kaldi, .lhotse,
    ]

    public init?(rawValue: String) {
        guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = format
    }

    public static func == (left: TokenFormat, right: TokenFormat) -> Bool { left.rawValue == right.rawValue }

    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    public var description: String { rawValue }
}

extension TokenFormat {
    /// Where an output lies.
    /// - Parameter output: a file, a folder for `npy`, `X` for Kaldi's X.ark.
    func location(_ output: String) -> OutputLocation {
        switch content {
        case .lines: .file(output)
        case .arrays(let format): format.location(output)
        }
    }

    /// Refuses names and paths that the format cannot hold or keep apart.
    /// - Throws: `OutputError`.
    func check(_ recordings: [RecordingName], _ encoding: TokenEncoding) throws {
        try check(recordings)
        if case .arrays(let format) = content { try format.check(recordings, encoding.arrayEndings) }
    }

    /// The files that are written, durations included, but for those of `npy`'s folder.
    func files(_ output: String, _ encoding: TokenEncoding) -> [String] {
        switch content {
        case .lines: [output] + (durationsFile(output, encoding).map { [$0] } ?? [])
        case .arrays(let format): format.files(output, encoding.arrayEndings)
        }
    }

    /// Where the durations go that do not stand with the tokens.
    func durationsFile(_ output: String, _ encoding: TokenEncoding) -> String? {
        guard case .lines(let lines) = content, encoding.deduplicates, lines.durations != nil
        else { return nil }
        return FairseqCompanion.path(of: output, suffix: "dur")
    }

    /// Every file that an output can have beside it, by its name: durations, labels.
    func companions(_ output: String, _ encoding: TokenEncoding) -> [String] {
        let whole = encoding.deduplicating
        return files(output, whole).filter { $0 != output }
            + (isFairseq ? [FairseqCompanion.path(of: output, suffix: "lbl")] : [])
    }
}
