import Files
import Foundation
import SystemPackage
import TensorFiles

/// Everything that a run of tokenizing leaves: the tokens in their format, and beside them labels, counts, a
/// vocabulary and the description of how they were made.
public final class TokenOutput {
    private let encoding: TokenEncoding
    private let writer: any TokenWriter
    private let description: OutputDescription
    /// Nil where the output holds its description or is a stream.
    private let descriptionFile: AtomicFile?
    private let labels: (source: FairseqLabels, file: AtomicFile)?
    private let counts: TokenCounts?
    private let dictionary: AtomicFile?
    private let vocabulary: VocabularyFolder?
    /// Of the next recording among all.
    private var index: Int

    /// Starts the output, having refused what could not be finished.
    /// - Parameters:
    ///   - recordings: all of them, in order, those of other parts of a divided job too.
    ///   - first: index of the recording that is written first.
    ///   - inputs: other files that are read, not to be replaced: manifests, the checkpoint.
    /// - Throws: `TokenFormatError` for combinations that mean nothing, `OutputError` for recordings that the
    ///   format cannot hold or keep apart and for outputs that are inputs, `FileError` for an output that
    ///   cannot be written.
    public init(
        _ options: TokenOutputOptions, encoding: TokenEncoding, recordings: [RecordingName],
        first: Int = 0, inputs: [FilePath], description: OutputDescription
    ) throws {
        let format = options.format
        (self.encoding, index) = (encoding, first)
        try format.check(recordings, encoding)
        let output = options.output.flatMap { OutputFiles.isStream($0) ? nil : $0 }
        let source = try options.labels.map { try FairseqLabels($0, recordings: recordings) }

        var files = OutputFiles()
        for file in output.map({ format.files($0, encoding) }) ?? [] { try files.add(file) }
        let described = format.holdsDescription ? nil : output.map(format.described)
        let sidecar = described.map(OutputDescription.path)
        let labelFile = source == nil ? nil : output.map { FairseqTokens.companion(of: $0, suffix: "lbl") }
        let dictionary = format == .fairseq ? try Self.dictionary(options, output: output) : nil
        for file in [sidecar, labelFile, dictionary] { if let file { try files.add(file) } }
        if let folder = options.vocabulary {
            for file in VocabularyFolder.files(folder) { try files.add(file) }
        }
        let labelInput = source?.file.map { [FilePath($0)] } ?? []
        try files.check(against: [inputs, labelInput, recordings.map { FilePath($0.path) }].joined())

        var description = description
        description.add([
            "format": .string(format.rawValue), "ids": .string(encoding.ids.rawValue),
            "groups": .integer(encoding.groups), "codewords": .integer(encoding.codewords),
            "deduplicated": .boolean(encoding.deduplicates),
        ])
        if let dictionary { description.add([Self.dictionaryKey: .string(dictionary)]) }
        self.description = description

        // All files are begun now, so that none turns out at the end to be one that cannot be written.
        writer = try format.writer(options.output, encoding)
        self.dictionary = try dictionary.map { try AtomicFile(path: $0) }
        labels = try source.flatMap { source in
            try labelFile.map { (source, try AtomicFile(path: $0)) }
        }
        descriptionFile = try sidecar.map { try AtomicFile(path: $0) }
        vocabulary = try options.vocabulary.map { try VocabularyFolder($0) }
        counts = vocabulary != nil || dictionary != nil ? TokenCounts() : nil
    }

    /// Writes the tokens of the next recording.
    /// - Throws: `TokenFormatError` for ids of another model, `FileError` where the output cannot be written.
    public func write(_ utterance: TokenizedUtterance) throws {
        let tokens = try encoding.encode(utterance)
        try writer.write(tokens)
        counts?.add(tokens)
        try writeLabel(path: utterance.path)
    }

    /// Takes note that the next recording has no tokens.
    /// - Throws: `FileError` where the output cannot be written.
    public func skip(path: ByteString) throws {
        try writer.skip()
        try writeLabel(path: path)
    }

    /// Makes all files final, that of the tokens last: where it is there, so are the others.
    /// - Throws: `FileError`.
    public func finish() throws {
        if let counts {
            try vocabulary?.write(counts, description)
            try dictionary?.write(FairseqDictionary.bytes(counts))
            try dictionary?.commit()
        }
        try labels?.file.commit()
        if let descriptionFile { try description.write(to: descriptionFile) }
        try writer.finish(description)
    }

    private func writeLabel(path: ByteString) throws {
        defer { index += 1 }
        guard let labels else { return }
        try labels.file.write(labels.source.label(index, path: path) + "\n")
    }

    private static let dictionaryKey = "dictionary"

    /// Where the counts of `fairseq` go: where the user says, else to `dict.txt` beside the output. One that is
    /// not known to be this output's may be another's, whose tokens it would then lack.
    private static func dictionary(_ options: TokenOutputOptions, output: String?) throws -> String? {
        if let dictionary = options.dictionary { return dictionary }
        guard let output else { return nil }
        let folder = output.lastIndex(of: "/").map { String(output[...$0]) } ?? ""
        let dictionary = folder + "dict.txt"
        guard access(dictionary, F_OK) == 0 else { return dictionary }
        let old = try? MappedFile(path: OutputDescription.path(beside: output))
        if let old, case .object(let fields)? = try? JSONValue(parsing: old.bytes),
            fields[dictionaryKey] == .string(dictionary)
        {
            return dictionary
        }
        throw OutputError(
            "\(dictionary) is there already and not known to belong to \(output); name a file for the counts of "
                + "its tokens (--dictionary), or write it to another folder")
    }
}
