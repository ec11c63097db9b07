import ArgumentParser
import Interchange
import Speech
import Tensors
import Training
import VQWav2Vec

/// A command's way through its recordings, one after the other. One that cannot be used is reported and left
/// out; SIGINT and SIGTERM end the command before the next one.
struct RecordingPass {
    private let recordings: [Recording]
    private let sampleRate: Int
    private let resample: Bool
    private let stop = StopSignal()
    /// Inputs that could not be used.
    private var failures: Int
    /// Recordings that were used.
    private(set) var used = 0
    /// Of these.
    private(set) var audioSeconds = 0.0
    /// Wall time, in seconds.
    private(set) var elapsed = 0.0

    /// Listens for signals from here on: an output that is begun afterwards leaves nothing behind when one comes.
    /// - Parameters:
    ///   - recordings: of `found`, those that are to be done.
    ///   - sampleRate: in Hz; recordings of another rate are converted with `resample`, else left out.
    init(_ recordings: [Recording], of found: FoundInputs, sampleRate: Int, resample: Bool) {
        (self.recordings, self.sampleRate, self.resample) = (recordings, sampleRate, resample)
        failures = found.problems
        stop.listen()
    }

    /// Reads the recordings and hands each to `use`.
    /// - Parameter leaveOut: called for one that could not be read or used.
    /// - Throws: `ExitCode` on a signal; what the two throw, but for errors of single recordings: `AudioError`,
    ///   `ModelError` and `SpillError`.
    mutating func run(
        use: (Recording, Sound) throws -> Void, leaveOut: (Recording) throws -> Void = { _ in }
    ) throws {
        let reader = RecordingReader(recordings, sampleRate: sampleRate, resample: resample)
        var progress = FileProgress(files: recordings.count)
        while let (recording, sound) = reader.next() {
            guard !stop.isRequested else { throw ExitCode(130) }
            do {
                let sound = try sound.get()
                try sound.requireUsable(as: recording, resampled: resample)
                try locating(recording) { try use(recording, sound) }
                used += 1
                audioSeconds += Double(sound.count) / Double(sound.sampleRate)
            } catch let error as AudioError {
                failures += 1
                progress.printError("error: \(error)")
                try leaveOut(recording)
            }
            progress.advance(audioSeconds: audioSeconds)
        }
        progress.finish()
        elapsed = progress.elapsed
    }

    /// The last lines of a command.
    /// - Throws: `ExitCode` where an input could not be used; `FileError` where the checkpoint could not be read.
    func conclude(_ description: OutputDescription) throws {
        printError("checkpoint        \(try description.checkpointSHA256()) (SHA-256)")
        guard failures > 0 else { return }
        printError("\(failures) of the inputs could not be used")
        throw ExitCode.failure
    }

    /// Names the recording in the model's errors.
    private func locating(_ recording: Recording, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ModelError {
            throw AudioError("\(recording.path): \(error); leave it out")
        } catch let error as SpillError {
            throw AudioError("\(recording.path): \(error)")
        }
    }
}
