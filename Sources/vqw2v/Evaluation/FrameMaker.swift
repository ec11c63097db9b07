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

    /// - Parameter checkpoint: of the model; not needed for MFCCs.
    /// - Throws: `CheckpointError` where the model has no such layer, `ValidationError` where there is no model.
    init(_ layer: FrameLayer, _ checkpoint: Checkpoint?) throws {
        sampleRate = checkpoint?.configuration.data.sampleRate ?? 16000
        switch layer {
        case .mfcc:
            let mfcc = MFCC(sampleRate: sampleRate)
            centres = mfcc.centres
            make = { sound in
                let samples = try sound.samples(0..<sound.count)
                return samples.withUnsafeBufferPointer { mfcc.features($0) }
            }
        case .model(let layer):
            guard let checkpoint else {
                throw ValidationError("the layer \(layer.rawValue) is a model's: name it (--checkpoint)")
            }
            let timing = checkpoint.configuration.units.timing(of: layer, sampleRate: sampleRate)
            centres = FrameCentres(hop: timing.hop, window: timing.window, sampleRate: sampleRate)
            let extractor: any FeatureModel
            do {
                extractor = try checkpoint.featureModel(layer)
            } catch let error as ModelError {
                throw CheckpointError.unsuitable(path: checkpoint.path, "\(error)")
            }
            make = { sound in
                try extractor.require(samples: sound.count, available: ProcessMemory.limitBytes)
                return try sound.withFrames { try extractor($0) }
            }
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
    /// - Parameter isEnough: whether no more are wanted.
    /// - Returns: how many could not be used.
    /// - Throws: what `body` throws, but for `AudioError`.
    func forEachSound(
        sampleRate: Int, resample: Bool, until isEnough: () -> Bool = { false },
        _ body: (Recording, Sound) throws -> Void
    ) throws -> Int {
        var failures = problems
        let recordings = recordings
        var progress = FileProgress(files: recordings.count, isQuiet: false)
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
