import ArgumentParser
import Files
import Layers
import Speech
import Synchronization
import SystemPackage
import TokenFiles
import Training

/// What `quantize` and `extract` share: they find recordings, see what is done already, make something of each
/// recording and write it, and say at the end what could not be used.
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

    /// Finds the recordings.
    /// - Parameters:
    ///   - sampleRate: of the model, in Hz.
    ///   - models: files that the outputs are made with: the checkpoint.
    ///   - location: of the output; nil for standard output.
    ///   - description: of the output.
    /// - Returns: nil where everything is done already, which is said.
    /// - Throws: `ExitCode` where there are no recordings; `OutputError` where the output of an earlier run was
    ///   made otherwise.
    init?(
        _ input: InputOptions, skip: SkipOptions, sampleRate: Int, models: [String],
        location: OutputLocation?,
        description: OutputDescription
    ) throws {
        if try skip.isDone(location, as: description) { return nil }
        (self.input, self.sampleRate, self.models) = (input, sampleRate, models)
        (self.location, self.description) = (location, description)
        found = try input.find(sampleRate: sampleRate)
        recordings = skip.remaining(found.recordings, at: location)
    }

    /// Files that are read, besides the recordings.
    var inputs: [FilePath] { found.files + models.map { FilePath($0) } }

    /// Makes the output.
    /// - Parameters:
    ///   - output: begins it; from before that on, a signal leaves nothing of it behind.
    ///   - make: what is written of a recording.
    ///   - summary: lines about all of them, printed at the end.
    /// - Throws: `ExitCode` where an input could not be used; what the others throw, but for errors of single
    ///   recordings: `AudioError`, `ModelError` and `SpillError`.
    func callAsFunction<Output: RecordingOutput>(
        _ output: () throws -> Output, make: (Recording, Sound) throws -> Output.Item,
        summary: (RecordingTally) -> [String]
    ) throws {
        let progress = FileProgress(files: recordings.count, isQuiet: location.isTerminal)
        let done = RecordingCount()
        let interruption = Interruption { [total = recordings.count, location] in
            "stopped after \(done.value) of \(total) recordings" + location.lostOutput
        }
        do {
            let output = try output()
            var tally = RecordingTally(failures: found.problems)
            try write(output, make, progress, interruption, done, &tally)
            tally.seconds = progress.elapsed
            if tally.files == 0, tally.failures > 0, !found.isPart {
                printError(errorLine("none of the inputs could be used" + location.lostOutput))
                throw ExitCode.failure
            }
            try output.prepare()
            try interruption.finishing(output.publish)
            for line in summary(tally) { printError(line) }
            printError("checkpoint        \(try description.checkpointSHA256()) (SHA-256)")
            guard tally.failures > 0 else { return }
            printError("\(tally.failures) of the inputs could not be used")
            throw ExitCode.failure
        } catch is ReaderGone {
            // As if SIGPIPE had ended the command, which has nothing to say.
            throw ExitCode(128 + 13)
        }
    }

    private func write<Output: RecordingOutput>(
        _ output: Output, _ make: (Recording, Sound) throws -> Output.Item, _ progress: FileProgress,
        _ interruption: Interruption, _ done: RecordingCount, _ tally: inout RecordingTally
    ) throws {
        var progress = progress
        let reader = RecordingReader(
            recordings, sampleRate: sampleRate, resample: input.resample)
        defer { progress.finish() }
        while let (recording, sound) = reader.next() {
            do {
                let sound = try sound.get()
                try sound.requireUsable(as: recording, resampled: input.resample)
                let item = try locating(recording) { try make(recording, sound) }
                try interruption.whole { try output.write(item) }
                tally.files += 1
                tally.audioSeconds += Double(sound.count) / Double(sound.sampleRate)
            } catch let error as AudioError {
                tally.failures += 1
                progress.printError(errorLine(error))
                try interruption.whole { try output.skip(path: recording.source.location) }
            }
            done.increment()
            progress.advance(audioSeconds: tally.audioSeconds)
        }
    }

    /// Names the recording in the model's errors.
    private func locating<Result>(_ recording: Recording, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as ModelError {
            throw AudioError.unsuitable("\(recording.path)", "\(error); leave it out")
        } catch let error as SpillError {
            throw AudioError.unsuitable("\(recording.path)", "\(error)")
        }
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
