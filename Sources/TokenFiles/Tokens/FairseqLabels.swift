import Files
import Foundation
import SystemPackage

/// Labels that go with recordings, as `vq-wav2vec_featurize.py --labels` takes them: the lines of a file, one
/// for each recording in order, or the first line of a file beside each recording.
///
/// As there, an argument that is an existing file is the former, and anything else a suffix: with `ltr` the
/// labels of `a.wav` are in `a.ltr`. White space at the end of a line is dropped. Different on purpose: a count
/// of lines that is not that of the recordings is refused (there, too few end the program and too many are
/// left over), and a label from a file beside gives one line (there, its line end is written too, and an empty
/// line follows).
struct FairseqLabels {
    private enum Source {
        case lines([String])
        case suffix(String)
    }
    private let source: Source

    /// The file of all labels, or that of each recording.
    private(set) var files: [FilePath] = []

    /// - Throws: `OutputError` where a label is missing, `FileError` where the labels cannot be read.
    init(_ argument: String, recordings: [RecordingName]) throws {
        var status = stat()
        guard stat(argument, &status) == 0 else {
            source = .suffix(argument)
            files = recordings.map { path($0.path, argument) }
            for recording in recordings where !Self.isReadable(path(recording.path, argument)) {
                throw OutputError.labels(
                    "\(recording.path)",
                    problem: ": no labels in \(path(recording.path, argument)); --labels names a file "
                        + "with a line for each recording, or the suffix of files beside the recordings")
            }
            return
        }
        var (reader, lines) = (LineReader(try InputFile(path: argument)), [String]())
        while let line = try reader.next() { lines.append(try Self.line(line, argument)) }
        guard lines.count == recordings.count else {
            throw OutputError.labels(
                argument,
                problem: " has \(lines.count) lines for \(recordings.count) recordings; it needs one for each"
            )
        }
        (source, files) = (.lines(lines), [FilePath(argument)])
    }

    /// The label of a recording, without a line end.
    /// - Parameter index: of the recording among all.
    /// - Throws: `FileError` or `OutputError` where it cannot be read.
    func label(_ index: Int, path recording: ByteString) throws -> String {
        switch source {
        case .lines(let lines):
            guard lines.indices.contains(index) else {
                throw OutputError.labels(
                    "\(recording)", problem: ": there is no label for recording \(index + 1)")
            }
            return lines[index]
        case .suffix(let suffix):
            let path = path(recording, suffix)
            var reader = LineReader(try InputFile(path: path))
            return try Self.line(reader.next() ?? [], "\(path)")
        }
    }

    private func path(_ recording: ByteString, _ suffix: String) -> FilePath {
        FilePath(FilePath(recording).withoutExtension.bytes + Array(".\(suffix)".utf8))
    }

    private static func isReadable(_ path: FilePath) -> Bool {
        path.withPlatformString { access($0, R_OK) } == 0
    }

    private static func line(_ bytes: [UInt8], _ path: String) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw OutputError.labels(path, problem: ": its labels are not UTF-8 text")
        }
        var line = text[...]
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }
}
