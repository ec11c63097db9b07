import Checkpoints
import Evaluation
import Layers
import Tensors

/// Makes the frames of waveforms: MFCCs, or a layer of a model.
public struct FrameMaker {
    /// Of the waveforms, in Hz.
    public let sampleRate: Int
    /// Where frames lie.
    public let centres: FrameCentres
    private let source: Source

    private enum Source {
        case mfcc(MFCC)
        case model(any FeatureModel)
    }

    /// - Parameter checkpoint: of the model; not needed for MFCCs, whose rate it gives where it is there.
    /// - Throws: `CheckpointError` where the model has no such layer, `TokenizerError` where there is no model.
    public init(_ layer: FrameLayer, _ checkpoint: Checkpoint?) throws {
        sampleRate = checkpoint?.configuration.data.sampleRate ?? 16000
        switch layer {
        case .mfcc:
            let mfcc = MFCC(sampleRate: sampleRate)
            (centres, source) = (mfcc.centres, .mfcc(mfcc))
        case .model(let layer):
            guard let checkpoint else { throw TokenizerError.modelNeeded(layer) }
            let timing = checkpoint.configuration.units.timing(of: layer, sampleRate: sampleRate)
            centres = FrameCentres(hop: timing.hop, window: timing.window, sampleRate: sampleRate)
            source = .model(try checkpoint.features(layer))
        }
    }

    /// - Parameter waveform: [N, 1], at `sampleRate`.
    /// - Returns: [T, D].
    /// - Throws: `ModelError` where the waveform is too short or too loud to compute with, or the frames take more memory
    ///   than there is; `SpillError`.
    package func callAsFunction(_ waveform: FrameStore) throws -> Tensor {
        switch source {
        case .mfcc(let mfcc):
            guard mfcc.frames(samples: waveform.frames) > 0 else {
                throw ModelError.tooShort(samples: waveform.frames, needed: mfcc.width)
            }
            return try waveform.read(0..<waveform.frames) {
                mfcc.features(UnsafeBufferPointer(start: $0, count: waveform.frames))
            }
        case .model(let model): return try model.features(waveform)
        }
    }
}

extension Checkpoint {
    /// What computes a layer.
    /// - Throws: as `featureModel(_:)`, where the model has no such layer a `CheckpointError` that names the file.
    package func features(_ layer: FeatureLayer) throws -> any FeatureModel {
        do {
            return try featureModel(layer)
        } catch let error as ModelError {
            throw CheckpointError.unsuitable(path: path, "\(error)")
        }
    }
}

extension FeatureModel {
    /// The output for one recording, where there is memory for it.
    /// - Parameter waveform: [N, 1], at the rate that the model was trained at.
    /// - Returns: [T, D].
    /// - Throws: `ModelError`, `SpillError`.
    package func features(_ waveform: FrameStore) throws -> Tensor {
        try require(samples: waveform.frames, available: ProcessMemory.limitBytes)
        return try self(waveform)
    }
}
