import ArgumentParser
import Checkpoints
import Communication
import Files
import Foundation
import Layers
import Speech
import Synchronization
import SystemPackage
import TokenFiles
import Training

/// What `quantize` and `extract` share: they find recordings, see what is done already, make something of each
/// recording and write it, and say at the end what could not be used.
///
/// Several processes have a part of the recordings each; the first one writes all, in order, its own at once and
/// those of the others when it has done its own.
struct RecordingRun {
    let found: FoundInputs
    private let input: InputOptions
    private let sampleRate: Int
    /// Files that the outputs are made with.
    private let models: [String]
    private let location: OutputLocation?
    private let description: OutputDescription
    /// Those of `found` that are to be done.
    private let recordings: [Recording]
    private let division: Division

    /// Finds the recordings.
    /// - Parameters:
    ///   - sampleRate: of the model, in Hz.
    ///   - models: files that the outputs are made with: the checkpoint.
    ///   - location: of the output; nil for standard output.
    ///   - companions: files that belong to it.
    ///   - description: of the output.
    ///   - communicator: the processes that share the work.
    /// - Returns: nil where everything is done already, which is said.
    /// - Throws: `ExitCode` where there are no recordings; `OutputError` where the output of an earlier run was
    ///   made otherwise; `CommunicationError.differs`.
    init?(
        _ input: InputOptions, skip: SkipOptions, sampleRate: Int, models: [String],
        location: OutputLocation?, companions: [String],
        description: OutputDescription, among communicator: any Communicator
    ) throws {
        (self.input, self.sampleRate, self.models) = (input, sampleRate, models)
        self.location = location
        let whole = try communicator.together { try input.findAll(among: communicator) }
        self.description = Self.noting(whole, input, location, in: description)
        if try communicator.tellAll({ [description = self.description] in
            try skip.isDone(location, as: description, companions: companions, problems: whole.problems)
        }) {
            return nil
        }
        let found = try communicator.together { try input.part(of: whole, sampleRate: sampleRate) }
        let all = found.recordings
        // Before the first process begins to write, which makes more of them done.
        let remaining = try communicator.tellAll { skip.remaining(all, at: location) }
        (self.found, recordings) = (found, remaining.map { all[$0] })
        division = try Division(
            recordings, sampleRate: sampleRate,
            models: { [("a checkpoint", try description.checkpointSHA256())] }, among: communicator)
    }

    /// The description of an output of these recordings.
    func described(_ base: OutputDescription) -> OutputDescription {
        Self.noting(found, input, location, in: base)
    }

    private static func noting(
        _ found: FoundInputs, _ input: InputOptions, _ location: OutputLocation?,
        in description: OutputDescription
    ) -> OutputDescription {
        var description = description
        let part = input.shard.flatMap { $0.count > 1 ? "\($0.index)/\($0.count)" : nil }
        description.note(found.names, part: part, in: location)
        return description
    }

    /// Files that are read, besides the recordings.
    var inputs: [FilePath] { found.files + models.flatMap { Checkpoint.files(of: $0) }.map { FilePath($0) } }

    /// Makes the output.
    /// - Parameters:
    ///   - model: whose norm tells which recordings are too quiet; nil for none.
    ///   - output: begins it; from before that on, a signal leaves nothing of it behind.
    ///   - make: what is written of a recording.
    ///   - count: takes what was written, in order.
    ///   - summary: lines about all of them, printed at the end.
    /// - Throws: `ExitCode` where an input could not be used; what the others throw, but for errors of single
    ///   recordings: `AudioError`, `ModelError` and `SpillError`.
    func callAsFunction<Output: RecordingOutput>(
        _ model: (any LevelNormalizing)?, _ output: () throws -> Output,
        make: (Recording, Sound) throws -> Output.Item,
        count: (Output.Item) -> Void = { _ in }, summary: (RecordingTally) -> [String]
    ) throws {
        let communicator = division.communicator
        let progress = FileProgress(
            files: division.own.count, isQuiet: location.isTerminal || !communicator.isFirst)
        let done = RecordingCount()
        let (total, isFirst) = (division.own.count, communicator.isFirst)
        let interruption = Interruption { [location] in
            isFirst ? "stopped after \(done.value) of \(total) recordings" + location.lostOutput : nil
        }
        guard let output = try communicator.together({ isFirst ? try output() : nil }) else {
            let spool = ItemSpool()
            let unread = try makeAll(model, make, progress, done) { item, _, seconds in
                guard let item else { return try spool.appendNothing() }
                try spool.append(item, audioSeconds: seconds)
            }
            try spool.deliver(among: communicator) { _, _, _ in }
            _ = try communicator.collect { unread }
            // A launcher that sees one process end ends them all: none does while the first gives names to the outputs.
            return try interruption.finishing {
                try communicator.barrier()
                try communicator.together {}
            }
        }
        do {
            var tally = RecordingTally(failures: found.problems)
            let write = { (item: Output.Item?, recording: Recording, seconds: Double) in
                guard let item else {
                    tally.failures += 1
                    return try interruption.whole { try output.skip(path: recording.source.location) }
                }
                try interruption.whole { try output.write(item) }
                count(item)
                tally.files += 1
                tally.audioSeconds += seconds
            }
            let unread = try makeAll(model, make, progress, done, write)
            try takeOver(write)
            // Inputs that were not found, or a folder that could not be searched, may hold some another time.
            output.noteUnread(try communicator.collect { unread }.reduce(found.problems, +))
            tally.seconds = progress.elapsed
            if tally.files == 0, tally.failures > 0, !found.isPart {
                printError(errorLine("none of the inputs could be used" + location.lostOutput))
                throw ExitCode.failure
            }
            try output.prepare()
            try interruption.finishing {
                try communicator.barrier()
                try communicator.together(output.publish)
            }
            for line in summary(tally) { printError(line) }
            printError("checkpoint        \(try description.checkpointSHA256()) (SHA-256)")
            guard tally.failures > 0 else { return }
            printError("\(tally.failures) of the inputs could not be used")
            throw ExitCode.failure
        } catch is ReaderGone {
            // As if SIGPIPE had ended the command, which has nothing to say. The others do not know of it.
            communicator.abort(code: 128 + SIGPIPE)
            throw ExitCode(128 + SIGPIPE)
        }
    }

    /// Writes what the other processes have made.
    private func takeOver<Item: RecordingItem>(_ write: (Item?, Recording, Double) throws -> Void) throws {
        var (sender, next) = (0, 0)
        try ItemSpool().deliver(among: division.communicator) { rank, note, values in
            if rank != sender { (sender, next) = (rank, division.ranges[rank].lowerBound) }
            let recording = recordings[next]
            next += 1
            guard let seconds = note.audioSeconds else { return try write(nil, recording, 0) }
            let item = Item(of: recording.outputName, numbers: note.numbers, values: values)
            try write(item, recording, seconds)
        }
    }

    /// Makes something of each of this process's recordings, in order; nothing of those that cannot be used.
    /// - Returns: how many of these could perhaps be used another time.
    private func makeAll<Item>(
        _ model: (any LevelNormalizing)?, _ make: (Recording, Sound) throws -> Item,
        _ progress: FileProgress, _ done: RecordingCount,
        _ write: (Item?, Recording, _ audioSeconds: Double) throws -> Void
    ) throws -> Int {
        var progress = progress
        var unread = 0
        var seconds = 0.0
        let reader = RecordingReader(
            Array(recordings[division.own]), sampleRate: sampleRate, resample: input.resample)
        defer { progress.finish() }
        while let (recording, sound) = reader.next() {
            do {
                let sound = try sound.get()
                try sound.requireUsable(as: recording, resampled: input.resample)
                try progress.warnIfTooQuiet(sound, recording, for: model)
                let item = try AudioError.naming("\(recording.path)") { try make(recording, sound) }
                let length = Double(sound.count) / Double(sound.sampleRate)
                try write(item, recording, length)
                seconds += length
            } catch let error as AudioError {
                progress.printError(errorLine(error))
                if error.isOfSystem { unread += 1 }
                try write(nil, recording, 0)
            }
            done.increment()
            progress.advance(audioSeconds: seconds)
        }
        return unread
    }
}

/// What a run has come to.
struct RecordingTally {
    /// Recordings that were used.
    var files = 0
    /// Of these.
    var audioSeconds = 0.0
    /// Inputs that could not be used.
    var failures: Int
    /// Wall time.
    var seconds = 0.0
}

/// Recordings that are done, for whoever ends the command.
private final class RecordingCount: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func increment() { count.wrappingAdd(1, ordering: .relaxed) }
}

extension OutputLocation? {
    /// Whether the output goes to a terminal, where it would meet a live line.
    fileprivate var isTerminal: Bool { map(\.isTerminal) ?? StandardOutput.isTerminal }

    /// What becomes of an output that is not finished, at the end of a line.
    fileprivate var lostOutput: String {
        guard let location = self else { return "" }
        return location.folder == nil
            ? "; \(location.path) is not written" : "; \(location.path) keeps what is there"
    }
}
