import ArgumentParser
import Foundation
import Interchange
import Speech

/// The recordings that a command works on, one after the other.
struct InputOptions: ParsableArguments {
    static let help: ArgumentHelp = """
        Audio files, folders (searched recursively), fairseq manifests (.tsv), Kaldi's wav.scp (.scp), or - for \
        a list of paths on stdin.
        """

    @Argument(help: help)
    var inputs: [String]

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @Option(
        help: ArgumentHelp(
            "Only part i of n, from 1/n to n/n: consecutive recordings, of equal durations together.",
            valueName: "i/n"),
        transform: Shard.init(parsing:))
    var shard: Shard?

    @Option(help: "Read audio from stdin, for which - stands, under this name, not a list of paths.")
    var name: String?

    func validate() throws {
        guard let name else { return }
        guard inputs == ["-"] else {
            throw ValidationError(
                "--name names the audio that comes through stdin: give - and no other input")
        }
        guard !name.isEmpty, !name.contains(where: { $0 == "/" || $0.isNewline || $0 == "\t" || $0 == "\0" })
        else {
            throw ValidationError("--name must be a name, without slash, tab and line break")
        }
        guard shard == nil else { throw ValidationError("--shard divides many recordings: stdin is one") }
    }

    /// Finds the recordings and prints what cannot be used.
    ///
    /// - Parameter sampleRate: in Hz, for the durations by which shards are divided.
    /// - Throws: `ExitCode` if there are no recordings at all.
    func find(sampleRate: Int) throws -> FoundInputs {
        if let name {
            let recording = Recording(.standardInput(name: name), name: name)
            return FoundInputs(all: [recording], range: 0..<1, problems: 0, arguments: [])
        }
        let search = RecordingSearch(inputs)
        for problem in search.problems { printError("error: \(problem)") }
        guard !search.recordings.isEmpty else { throw ExitCode.failure }
        let all = search.recordings
        return FoundInputs(
            all: all, range: shard?.range(of: all, sampleRate: sampleRate) ?? all.indices,
            problems: search.problems.count, arguments: inputs)
    }
}

/// What `InputOptions` name.
struct FoundInputs {
    /// Without regard to `--shard`, in order.
    let all: [Recording]
    /// Of those to be worked on: the shard's, or all.
    fileprivate let range: Range<Int>
    /// Inputs that named nothing; each was printed.
    let problems: Int
    fileprivate let arguments: [String]

    /// Everything that is read, archives, lists and folders included.
    var files: [String] { arguments + all.map(\.source.path) }

    /// To be worked on, in order.
    var recordings: [Recording] { Array(all[range]) }

    /// Place among all of the first one to be worked on.
    var first: Int { range.lowerBound }

    /// - Throws: `TokenFormatError` where a format that describes whole files is to hold something else.
    func requireWholeFiles(for format: TokenFormat) throws {
        guard format == .lhotse,
            let other = all.first(where: { $0.source.offset != nil || $0.source.part != nil })
        else { return }
        throw TokenFormatError(
            "\(other.path): --format lhotse describes whole audio files, not parts of them or of archives; use "
                + "--format jsonl")
    }

    /// By which outputs keep the recordings, those of other shards too: shards may share a folder.
    var names: [RecordingName] { all.map(\.outputName) }
}

extension Recording {
    var outputName: RecordingName { RecordingName(path: path, name: name) }
}

/// Whether a path names a regular file.
func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}
