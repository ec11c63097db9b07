import ArgumentParser
import Communication
import Files
import Foundation
import Speech
import SystemPackage
import Tensors
import TokenFiles

/// The recordings that a command works on, one after the other.
struct InputOptions: ParsableArguments {
    static let help: ArgumentHelp = """
        Audio files, folders (searched recursively), fairseq manifests (.tsv), Kaldi's wav.scp (.scp), or - for \
        a list of paths on stdin.
        """

    @Argument(help: help)
    var inputs: [FilePath]

    @Option(
        help: """
            What recordings are called in outputs. file: by the file, without folder and extension. path: by the path \
            below the folder that is searched, a/b for a/b.wav. Kaldi's keys stay.
            """)
    var names: RecordingNaming = .file

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

    /// Finds the recordings, those of all shards, and prints what cannot be used.
    ///
    /// - Parameter communicator: the processes that share the recordings.
    /// - Throws: `ExitCode` if there are no recordings at all; `ValidationError` for what several processes cannot share.
    func findAll(among communicator: any Communicator) throws -> FoundInputs {
        if communicator.size > 1 {
            guard shard == nil else {
                throw ValidationError(
                    "--shard divides recordings among jobs, and this job's processes divide them already: leave it out"
                )
            }
            try FoundInputs.requireShared(inputs)
        }
        if let name {
            let recording = Recording(.standardInput(name: name), name: ByteString(name))
            return FoundInputs(all: [recording], range: 0..<1, isPart: false, problems: 0, arguments: [])
        }
        return try FoundInputs(searching: inputs, naming: names, isTold: communicator.isFirst)
    }

    /// The recordings of the shard, where there is one.
    /// - Parameter sampleRate: in Hz, for the durations by which shards are divided.
    /// - Throws: `AudioError` for a recording whose length the system does not let be read.
    func part(of found: FoundInputs, sampleRate: Int) throws -> FoundInputs {
        guard let shard else { return found }
        let progress = LengthProgress(files: found.all.count)
        defer { progress.finish() }
        return FoundInputs(
            all: found.all,
            range: try shard.range(of: found.all, sampleRate: sampleRate, progress: progress.show),
            isPart: shard.count > 1, problems: found.problems, arguments: inputs)
    }
}

/// What `InputOptions` name.
struct FoundInputs {
    /// Without regard to `--shard`, in order.
    let all: [Recording]
    /// Of those to be worked on: the shard's, or all.
    fileprivate let range: Range<Int>
    /// Whether other jobs work on the others.
    let isPart: Bool
    /// Inputs that named nothing; each was printed.
    let problems: Int
    fileprivate let arguments: [FilePath]

    /// Everything that is read, archives, lists and folders included.
    var files: [FilePath] { arguments.flatMap(KaldiTables.files) + all.map(\.source.path) }

    /// To be worked on, in order.
    var recordings: [Recording] { Array(all[range]) }

    /// Place among all of the first one to be worked on.
    var first: Int { range.lowerBound }

    /// - Throws: `TokenFormatError` where a format that describes whole files is to hold something else.
    func requireWholeFiles(for format: TokenFormat) throws {
        guard format.describesAudioFiles,
            let other = all.first(where: { $0.source.offset != nil || $0.source.part != nil })
        else { return }
        throw TokenFormatError.partOfFile(path: other.path, format.rawValue)
    }

    /// By which outputs keep the recordings, those of other shards too: shards may share a folder.
    var names: [RecordingName] { all.map(\.outputName) }
}

extension FoundInputs {
    /// - Throws: `ValidationError` where only the first of several processes would have an input.
    static func requireShared(_ inputs: [FilePath]) throws {
        guard !inputs.contains("-") else {
            throw ValidationError("stdin reaches only the first of several processes: name files, not -")
        }
    }

    /// Finds recordings that are named otherwise than by `InputOptions`, and prints what cannot be used.
    /// - Parameter isTold: whether this process prints it.
    /// - Throws: `ExitCode` if there are no recordings at all.
    init(searching inputs: [FilePath], naming: RecordingNaming, isTold: Bool = true) throws {
        let search = RecordingSearch(inputs, naming: naming)
        if isTold {
            for note in search.notes { printError(messageLine("note: \(note)")) }
            for problem in search.problems { printError(errorLine(problem)) }
        }
        guard !search.recordings.isEmpty else { throw ExitCode.failure }
        self.init(
            all: search.recordings, range: search.recordings.indices, isPart: false,
            problems: search.problems.count, arguments: inputs)
    }

    /// The same recordings in a random order.
    func shuffled(_ stream: inout RandomStream) -> FoundInputs {
        let order = stream.permutation(range.count).map { all[range.lowerBound + $0] }
        return FoundInputs(
            all: order, range: order.indices, isPart: isPart, problems: problems, arguments: arguments)
    }
}

extension Recording {
    var outputName: RecordingName { RecordingName(path: source.location, name: name) }
}

extension RecordingNaming: ExpressibleByArgument {}
