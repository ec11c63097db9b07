import ArgumentParser
import Layers
import Speech
import Tensors
import Tokenizers

extension FrameLayer: ExpressibleByArgument {
    public static var allValueStrings: [String] { ["mfcc"] + FeatureLayer.allValueStrings }
}

extension FrameMaker {
    /// The frames of a recording.
    /// - Returns: [T, D].
    /// - Throws: `AudioError` that names the recording.
    func callAsFunction(_ sound: Sound, _ recording: Recording) throws -> Tensor {
        try AudioError.naming("\(recording.path)") { try sound.withFrames { try self($0) } }
    }
}

extension FoundInputs {
    /// Hands over the recordings with their samples, one after the other; those that cannot be used are printed and
    /// passed over.
    /// - Parameters:
    ///   - division: of the recordings, where this process has only a part of them.
    ///   - isEnough: whether no more are wanted.
    ///   - model: whose norm tells which recordings are too quiet; nil for none.
    ///   - body: is given the recording's place among all, too.
    /// - Returns: how many could not be used; those that were not even found count for the first process.
    /// - Throws: what `body` throws, but for `AudioError`.
    func forEachSound(
        _ division: Division? = nil, sampleRate: Int, resample: Bool, until isEnough: () -> Bool = { false },
        model: (any LevelNormalizing)? = nil, _ body: (Int, Recording, Sound) throws -> Void
    ) throws -> Int {
        let isFirst = division?.communicator.isFirst ?? true
        var failures = isFirst ? problems : 0
        let recordings = division.map { Array(self.recordings[$0.own]) } ?? self.recordings
        var progress = FileProgress(files: recordings.count, isQuiet: !isFirst)
        defer { progress.finish() }
        let reader = RecordingReader(recordings, sampleRate: sampleRate, resample: resample)
        var (place, seconds) = (division?.own.lowerBound ?? 0, 0.0)
        while !isEnough(), let (recording, sound) = reader.next() {
            defer { place += 1 }
            do {
                let sound = try sound.get()
                try sound.requireUsable(as: recording, resampled: resample)
                try progress.warnIfTooQuiet(sound, recording, for: model)
                try body(place, recording, sound)
                seconds += Double(sound.count) / Double(sound.sampleRate)
            } catch let error as AudioError {
                failures += 1
                progress.printError(errorLine(error))
            }
            progress.advance(audioSeconds: seconds)
        }
        return failures
    }
}
