import ArgumentParser
import Checkpoints
import Evaluation
import Files
import Layers
import Speech
import Tensors
import Training

/// What frames are clustered or compared: MFCCs, which need no model, or a layer of one.
enum FrameLayer: Equatable, ExpressibleByArgument {
    case mfcc
    case model(FeatureLayer)

    init?(argument: String) {
        if argument == "mfcc" {
            self = .mfcc
        } else if let layer = FeatureLayer(rawValue: argument) {
            self = .model(layer)
        } else {
            return nil
        }
    }

    var name: String {
        switch self {
        case .mfcc: "mfcc"
        case .model(let layer): layer.rawValue
        }
    }

    var defaultValueDescription: String { name }

    static var allValueStrings: [String] { ["mfcc"] + FeatureLayer.allValueStrings }
}

/// Makes the frames of recordings.
struct FrameMaker {
    /// In Hz.
    let sampleRate: Int
    /// Where frames lie.
    let centres: FrameCentres
    private let make: (Sound) throws -> Tensor

    /// - Parameters:
    ///   - checkpoint: of the model; not needed for MFCCs.
    ///   - sampleRate: of the recordings where there is no model.
    ///   - longest: samples of which frames of the model are computed together.
    /// - Throws: `CheckpointError` where the model has no such layer, `ValidationError` where there is no model.
    init(_ layer: FrameLayer, _ checkpoint: Checkpoint? = nil, sampleRate: Int = 16000, longest: Int = .max) throws {
        self.sampleRate = checkpoint?.configuration.data.sampleRate ?? sampleRate
        switch layer {
        case .mfcc:
            let mfcc = MFCC(sampleRate: self.sampleRate)
            centres = mfcc.centres
            make = { sound in
                let samples = try sound.samples(0..<sound.count)
                return samples.withUnsafeBufferPointer { mfcc.features($0) }
            }
        case .model(let layer):
            guard let checkpoint else {
                throw ValidationError("the layer \(layer.rawValue) is a model's: name it (--checkpoint)")
            }
            let timing = checkpoint.configuration.units.timing(of: layer, sampleRate: self.sampleRate)
            centres = FrameCentres(hop: timing.hop, window: timing.window, sampleRate: self.sampleRate)
            let extractor: any FeatureModel
            do {
                extractor = try checkpoint.featureModel(layer)
            } catch let error as ModelError {
                throw CheckpointError.unsuitable(path: checkpoint.path, "\(error)")
            }
            make = { try $0.features(extractor, longest: longest) }
        }
    }

    /// - Returns: [T, D].
    /// - Throws: `AudioError` that names the recording.
    func callAsFunction(_ sound: Sound, _ recording: Recording) throws -> Tensor {
        do {
            let frames = try make(sound)
            guard frames.shape[0] > 0 else {
                throw AudioError.unsuitable("\(recording.path)", "is too short for a frame; leave it out")
            }
            return frames
        } catch let error as ModelError {
            throw AudioError.unsuitable("\(recording.path)", "\(error); leave it out")
        }
    }
}

extension FoundInputs {
    /// Hands over the recordings with their samples, one after the other; those that cannot be used are printed and
    /// passed over.
    /// - Parameters:
    ///   - division: of the recordings, where this process has only a part of them.
    ///   - isEnough: whether no more are wanted.
    /// - Returns: how many could not be used; those that were not even found count for the first process.
    /// - Throws: what `body` throws, but for `AudioError`.
    func forEachSound(
        _ division: Division? = nil, sampleRate: Int, resample: Bool, until isEnough: () -> Bool = { false },
        _ body: (Recording, Sound) throws -> Void
    ) throws -> Int {
        let isFirst = division?.communicator.isFirst ?? true
        var failures = isFirst ? problems : 0
        let recordings = division.map { Array(self.recordings[$0.own]) } ?? self.recordings
        var progress = FileProgress(files: recordings.count, isQuiet: !isFirst)
        defer { progress.finish() }
        let reader = RecordingReader(recordings, sampleRate: sampleRate, resample: resample)
        var seconds = 0.0
        while !isEnough(), let (recording, sound) = reader.next() {
            do {
                let sound = try sound.get()
                try sound.requireUsable(as: recording, resampled: resample)
                try body(recording, sound)
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
