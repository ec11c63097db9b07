import ArgumentParser
import Foundation
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

    /// Finds the recordings and prints what cannot be used.
    ///
    /// - Parameter sampleRate: in Hz, for the durations by which shards are divided.
    /// - Throws: `ExitCode` if there are no recordings at all.
    func find(sampleRate: Int) throws -> FoundInputs {
        let search = RecordingSearch(inputs)
        for problem in search.problems { printError("error: \(problem)") }
        guard !search.recordings.isEmpty else { throw ExitCode.failure }
        return FoundInputs(
            all: search.recordings,
            recordings: shard?.recordings(of: search.recordings, sampleRate: sampleRate) ?? search.recordings,
            problems: search.problems.count, arguments: inputs)
    }
}

/// What `InputOptions` name.
struct FoundInputs {
    /// Without regard to `--shard`, in order.
    let all: [Recording]
    /// To be worked on: those of the shard, or all.
    let recordings: [Recording]
    /// Inputs that named nothing; each was printed.
    let problems: Int
    fileprivate let arguments: [String]

    /// Every file that is read, archives and lists included.
    var files: [String] { arguments.filter(isFile) + all.map(\.source.path) }

    /// - Throws: `DataError` if writing `output` would replace a file that is read.
    func requireOther(than output: String?) throws {
        guard let output, let file = resolved(output) else { return }
        if files.contains(where: { resolved($0) == file }) {
            throw DataError("\(output) is an input; give the output another name")
        }
    }

    /// The file behind a path, by whatever name; nil where there is none.
    private func resolved(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}

/// Whether a path names a regular file.
func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}
