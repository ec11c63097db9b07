import Files
import Foundation
import SystemPackage
import TensorFiles

/// The ids of many recordings, read from a token file of any of our formats, ours or other people's.
public struct TokenInput: Sendable {
    /// One recording.
    public struct Utterance: Equatable, Sendable {
        public let name: ByteString
        /// Of the file, from 1; nil where it has none.
        public let line: Int?
        /// Length of the audio at `sampleRate`; nil where the file does not say.
        public let samples: Int?
        /// In Hz; nil where the file does not say.
        public let sampleRate: Int?
        /// [T, G], row-major, repetitions included.
        public let ids: [Int32]
    }

    /// What numbers of samples, groups and codewords are limited to: what is computed with them stays a whole number.
    public static let largest = 1 << 31

    /// Where frames lie in a recording, in samples of `sampleRate`.
    public struct Timing: Equatable, Sendable {
        public let hop: Int
        public let window: Int
        public let sampleRate: Int
    }

    /// What stands beside an output about its frames; nil where nothing does.
    /// - Throws: `FileError` for frames that no model has.
    public static func timing(beside path: String) throws -> Timing? {
        try TokenInputDescription(path: path).timing
    }

    /// Everything that is read where a file of tokens or features is named, and what belongs to it: its description,
    /// durations, archive and index, or the arrays of a folder.
    public static func files(_ path: String) -> [FilePath] {
        let kaldi = ArkPaths(of: path)
        let durations = ArkPaths(of: path, part: EncodedTokens.durationsEnding)
        let beside = [
            OutputLocation.sidecar(path), kaldi.archive, OutputLocation.sidecar(kaldi.archive), kaldi.index,
            durations.archive, durations.index,
            FairseqCompanion.path(of: path, suffix: "dur"), FairseqCompanion.path(of: path, suffix: "lbl"),
        ]
        let named = [path, durations.index].flatMap(ArrayInput.archives)
        let folder = FilePath(path)
        let arrays =
            folder.isFolder
            ? (try? FileManager.default.subpathsOfDirectory(atPath: path))?.map { folder.appending($0) } : nil
        return [folder] + (beside + named.sorted()).map { FilePath($0) } + (arrays ?? [])
    }

    public let path: String
    /// In the order of the file.
    public let utterances: [Utterance]
    /// G.
    public let groups: Int
    /// V; nil where neither the file nor what stands beside it says.
    public let codewords: Int?
    /// What stands beside the file about its frames; nil where nothing does.
    public let timing: Timing?

    /// Reads a token file.
    /// - Throws: `FileError` where it cannot be read, `TokenInputError` that names the line or array.
    public init(path: String, options: TokenInputOptions = TokenInputOptions()) throws {
        let description = try TokenInputDescription(path: path)
        let format = try options.format ?? description.format ?? TokenInputDescription.format(of: path)
        let decoding = TokenDecoding(path: path, options: options, description: description)
        let raw: [RawTokens]
        switch format.content {
        case .lines:
            raw = try TokenLinesReader(path: path, format: format, options: options).tokens()
        case .arrays(let arrays): raw = try TokenArraysReader(path: path, format: arrays).tokens()
        }
        guard !raw.isEmpty else { throw TokenInputError.empty(path: path) }
        self.path = path
        (codewords, timing) = (decoding.codewords, description.timing)
        (utterances, groups) = try decoding.decode(raw)
        var lines: [ByteString: Int?] = [:]
        for utterance in utterances {
            guard lines.updateValue(utterance.line, forKey: utterance.name) == nil else {
                throw TokenInputError.malformed(path: path, at: .init(utterance), .twice)
            }
        }
    }
}

/// How a token file is read where it does not say itself.
public struct TokenInputOptions: Sendable {
    /// Nil for what its description, its name or its first line tell.
    public var format: TokenFormat?
    /// Nil for what its description tells, else `pair` where several numbers are side by side, and units without
    /// groups where not.
    public var ids: TokenIDs?
    /// G and V, to take `combined` and `flat` ids apart.
    public var groups: Int?
    public var codewords: Int?
    /// Names of the recordings, for `fairseq`, whose lines have none.
    public var names: [ByteString] = []
    /// The name of a recording whose path a line has (`tsv`).
    public var nameOfPath: @Sendable (ByteString) -> ByteString = { RecordingName(path: $0).name }

    public init() {}
}

/// The numbers of a recording as they stand in a file.
struct RawTokens {
    var name: ByteString
    var line: Int?
    var samples: Int?
    var sampleRate: Int?
    /// [rows, columns], row-major.
    var values: [Int32]
    var columns: Int
    /// Of the frames that are written; nil where all are.
    var durations: [Int32]?
}

/// Token files that cannot be used: which, where in them, and what to do, in one line.
public enum TokenInputError: Error, Equatable {
    case malformed(path: String, at: Place, Problem)
    case empty(path: String)
    case unknownFormat(path: String)
    /// Lines of a format without names.
    case noNames(path: String)
    case otherNames(path: String, lines: Int, names: Int)

    public enum Place: Equatable, Sendable {
        case line(Int)
        case name(ByteString)

        init(_ utterance: TokenInput.Utterance) {
            self = utterance.line.map(Place.line) ?? .name(utterance.name)
        }

        init(_ tokens: RawTokens) { self = tokens.line.map(Place.line) ?? .name(tokens.name) }
    }

    public enum Problem: Error, Equatable, Sendable {
        case notIDs(String)
        case fields(String)
        case columns(Int, others: Int)
        case shape([Int])
        case outOfRange(Int, codewords: Int)
        case notRows(groups: Int)
        case groups(Int, stated: Int)
        case durations(Int, frames: Int)
        case durationsOf(String, tokens: String)
        case frames(Int, most: Int)
        case repetitions(Int, ids: Int)
        case twice
        case json(String)
        case needsSize(TokenIDs)
        case tooManyGroups(Int)
        case repeated(archive: String)
    }
}

extension TokenInputError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let path, .line(let line), let problem): "\(path):\(line): \(problem)"
        case .malformed(let path, .name(let name), let problem): "\(path): \(quoted(name)): \(problem)"
        case .empty(let path): "\(path): holds no tokens; give a file that quantize wrote"
        case .unknownFormat(let path):
            "\(path): its name and first line tell no format of tokens; say which with --units-format"
        case .noNames(let path):
            "\(path): its lines do not name their recordings; give the list they were made from (--recordings)"
        case .otherNames(let path, let lines, let names):
            "\(path): has \(lines) lines for \(names) recordings; give the list it was made from (--recordings)"
        }
    }
}

extension TokenInputError.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notIDs(let text): "\(quoted(text)) is no id; ids are whole numbers from 0"
        case .fields(let expected):
            "expected \(expected); give a file that quantize wrote, or its --units-format"
        case .columns(let columns, let others):
            "has \(columns) ids in a frame, others \(others); give units of one model"
        case .shape(let shape): "has the shape \(shape); ids are [frames, groups] or [frames]"
        case .outOfRange(let id, let codewords):
            "the id \(id) is not below what \(codewords) codewords allow; check --codewords"
        case .notRows(let groups): "its ids are no multiple of \(groups) groups; check --groups"
        case .groups(let columns, let stated): "has \(columns) ids in a frame, not \(stated); check --groups"
        case .durations(let count, let frames):
            "has \(count) durations for \(frames) frames; each needs one, of at least 1"
        case .durationsOf(let name, let tokens):
            "has durations of \(quoted(name)) where the tokens are of \(quoted(tokens)); give those that belong together"
        case .frames(let count, let most):
            "its durations are \(count) frames, more than the \(most) that a recording can have; correct them"
        case .repetitions(let frames, let ids):
            "with it durations are \(frames) frames of \(ids) ids, more than any speech has; correct them"
        case .twice: "its recording was there already; give each once"
        case .json(let problem): "\(problem); give a file that quantize wrote as jsonl or lhotse"
        case .needsSize(let ids): "\(ids.rawValue) ids need --groups and --codewords"
        case .repeated(let archive):
            "with it the list names more than \(archive) holds; name each matrix once"
        case .tooManyGroups(let groups): "no single id stands for \(groups) groups; check --groups"
        }
    }
}
