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
    private let preparation: FramePreparation

    private enum Source {
        case mfcc(MFCC)
        case model(any FeatureModel)
    }

    /// Samples of which frames of the model are computed together.
    private let longest: Int

    /// - Parameters:
    ///   - checkpoint: of the model; not needed for MFCCs, whose rate it gives where it is there.
    ///   - sampleRate: of the recordings where there is no model.
    ///   - longest: samples of which frames of the model are computed together.
    ///   - preparation: what is done to them then.
    /// - Throws: `CheckpointError` where the model has no such layer, `TokenizerError` where there is no model,
    ///   `EvaluationError` where the rate is too low for MFCCs.
    public init(
        _ layer: FrameLayer, _ checkpoint: Checkpoint? = nil, sampleRate: Int = 16000, longest: Int = .max,
        preparation: FramePreparation = FramePreparation()
    ) throws {
        let sampleRate = checkpoint?.configuration.data.sampleRate ?? sampleRate
        (self.sampleRate, self.longest, self.preparation) = (sampleRate, longest, preparation)
        switch layer {
        case .mfcc:
            let mfcc = try MFCC(sampleRate: sampleRate)
            (centres, source) = (mfcc.centres, .mfcc(mfcc))
        case .model(let layer):
            guard let checkpoint else { throw TokenizerError.modelNeeded(layer) }
            let timing = checkpoint.configuration.units.timing(of: layer, sampleRate: sampleRate)
            centres = FrameCentres(hop: timing.hop, window: timing.window, sampleRate: sampleRate)
            source = .model(try checkpoint.features(layer))
        }
    }

    /// The model; nil for MFCCs.
    package var model: (any FeatureModel)? { if case .model(let model) = source { model } else { nil } }

    /// - Parameter waveform: [N, 1], at `sampleRate`.
    /// - Returns: [T, D].
    /// - Throws: `ModelError` where the waveform is too short or too loud to compute with, or the frames take more memory
    ///   than there is; `SpillError`.
    package func callAsFunction(_ waveform: FrameStore) throws -> Tensor {
        preparation(try frames(of: waveform))
    }

    private func frames(of waveform: FrameStore) throws -> Tensor {
        switch source {
        case .mfcc(let mfcc):
            guard mfcc.frames(samples: waveform.frames) > 0 else {
                throw ModelError.tooShort(samples: waveform.frames, needed: mfcc.width)
            }
            return try waveform.read(0..<waveform.frames) {
                mfcc.features(UnsafeBufferPointer(start: $0, count: waveform.frames))
            }
        case .model(let model): return try model.features(waveform, longest: longest)
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
    /// The output for one recording, where there is memory for it: of the whole, or of pieces of which each is computed
    /// alone.
    /// - Parameters:
    ///   - waveform: [N, 1], at the rate that the model was trained at.
    ///   - longest: samples of a piece.
    /// - Returns: [T, D].
    /// - Throws: `ModelError`, `SpillError`.
    package func features(_ waveform: FrameStore, longest: Int = .max) throws -> Tensor {
        let pieces = TokenSequence.pieces(of: waveform.frames, longest: longest)
        let outputs = try pieces.map { piece -> Tensor in
            try require(samples: piece.count, available: ProcessMemory.limitBytes)
            guard piece.count < waveform.frames else { return try self(waveform) }
            return try waveform.read(piece) {
                try self(FrameStore(borrowing: UnsafeBufferPointer(start: $0, count: piece.count)))
            }
        }
        guard outputs.count > 1 else { return outputs[0] }
        let channels = outputs[0].shape[1]
        let whole = Tensor(uninitialized: [outputs.reduce(0) { $0 + $1.shape[0] }, channels])
        var place = whole.pointer
        for output in outputs {
            place.update(from: output.pointer, count: output.count)
            place += output.count
        }
        return whole
    }
}
