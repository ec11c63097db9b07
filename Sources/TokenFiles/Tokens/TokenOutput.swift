import Files
import Foundation
import SystemPackage

/// Everything that a run of tokenizing leaves: the tokens in their format, and beside them labels, counts, a
/// vocabulary and the description of how they were made.
public final class TokenOutput: RecordingOutput {
    private let encoding: TokenEncoding
    private let writer: any TokenWriter
    private let group: OutputGroup
    private let labels: (source: FairseqLabels, file: any ByteOutput)?
    private let counts: TokenCounts?
    private let dictionary: (any ByteOutput)?
    private let vocabulary: VocabularyFolder?
    private let files: TokenOutputFiles
    private let recordings: [RecordingName]
    /// Of the next recording among all.
    private var index: Int

    /// Starts the output, having refused what could not be finished.
    /// - Parameters:
    ///   - recordings: all of them, in order, those of other parts of a divided job too.
    ///   - first: index of the recording that is written first.
    ///   - inputs: other files that are read, not to be replaced: manifests, the checkpoint.
    ///   - description: of the checkpoint.
    /// - Throws: `TokenFormatError` for combinations that mean nothing, `OutputError` for recordings that the
    ///   format cannot hold or keep apart, for outputs that are inputs and for files that another output has left,
    ///   `FileError` for an output that cannot be written.
    public init(
        _ options: TokenOutputOptions, encoding: TokenEncoding, recordings: [RecordingName],
        first: Int = 0, inputs: [FilePath], description: OutputDescription
    ) throws {
        (self.encoding, index) = (encoding, first)
        try options.format.check(recordings, encoding)
        let source = try options.labels.map { try FairseqLabels($0, recordings: recordings) }
        let files = TokenOutputFiles(options, encoding, hasLabels: source != nil)
        try files.check(inputs: [inputs, source?.files ?? [], recordings.map { FilePath($0.path) }].joined())
        let description = try options.description(description, encoding)
        try files.requireOwn(description, recordings)
        (self.files, self.recordings) = (files, recordings)

        // All files are begun now, so that none turns out at the end to be one that cannot be written.
        let group = OutputGroup(description)
        self.group = group
        writer = try Self.writer(options, encoding, files, description, group)
        dictionary = try files.dictionary.map {
            try group.begin($0, .companion, isNamed: options.dictionary != nil)
        }
        labels = try source.flatMap { source in
            try files.labels.map { (source, try group.begin($0, .companion)) }
        }
        if let sidecar = files.sidecar { _ = try group.begin(sidecar, .description) }
        vocabulary = try options.vocabulary.map { try VocabularyFolder($0, group) }
        counts = vocabulary != nil || dictionary != nil ? TokenCounts() : nil
    }

    private static func writer(
        _ options: TokenOutputOptions, _ encoding: TokenEncoding, _ files: TokenOutputFiles,
        _ description: OutputDescription, _ group: OutputGroup
    ) throws -> any TokenWriter {
        switch options.format.content {
        case .lines(let lines):
            // Descriptions, durations and counts appear before the tokens.
            let durations = try files.durations.map { try group.begin($0, .companion) }
            let output =
                try options.output.map { try group.begin($0, .output, isNamed: true) } ?? StandardOutput()
            return TokenLineWriter(lines, output: output, durations: durations)
        case .arrays(let format):
            guard let output = options.output else { throw TokenFormatError.needsOutput(format) }
            let request = ArrayFormat.Request(
                output: output, endings: encoding.arrayEndings, description: description, group: group)
            return TokenArrayWriter(try format.open(request), encoding: encoding)
        }
    }

    /// Writes the tokens of the next recording.
    /// - Throws: `TokenFormatError` for ids of another model, `FileError` where the output cannot be written.
    public func write(_ utterance: TokenizedUtterance) throws {
        let tokens = try encoding.encode(utterance)
        try writer.write(tokens)
        counts?.add(tokens)
        try writeLabel(path: utterance.path)
    }

    public func skip(path: ByteString) throws {
        try writer.skip()
        try writeLabel(path: path)
    }

    public func noteUnread(_ count: Int) { group.description.noteUnread(count) }

    public func prepare() throws {
        if let counts {
            try vocabulary?.write(counts)
            try dictionary?.write(FairseqDictionary.bytes(counts))
        }
        try writer.finish()
        try group.prepare()
    }

    public func publish() throws {
        try group.publish(removing: files.obsolete) {
            try files.requireUnshared(group.description, recordings)
        }
    }

    private func writeLabel(path: ByteString) throws {
        defer { index += 1 }
        guard let labels else { return }
        try labels.file.write(labels.source.label(index, path: path) + "\n")
    }
}
