import Autodiff
import Layers
import Tensors

/// The extractor and the quantizer of a model, prepared to turn any number of recordings of any length into features
/// and ids.
///
/// No tape, and memory that does not grow with a recording's length: what is too large goes to temporary files. Results
/// do not depend on that, on the number of threads or on other recordings.
///
/// Weights are prepared once: after a change of the model's another one is to be made.
public struct Wav2Vec2InferenceModel: Sendable {
    public let configuration: Wav2Vec2Configuration
    private let extractor: EncoderInference
    private let norm: ChannelNorm
    private let quantizer: GumbelQuantizer?
    private let memoryLimit: Int
    private let temporaryFolder: String

    /// - Parameters:
    ///   - memoryLimit: bytes of memory for the waveform of a recording and its layers. What goes beyond is kept in
    ///     temporary files.
    ///   - temporaryFolder: for these files. By default that of the environment variable `TMPDIR`, else `/var/tmp`.
    public init(_ model: Wav2Vec2Model, memoryLimit: Int = 1 << 30, temporaryFolder: String? = nil) {
        configuration = model.configuration
        extractor = EncoderInference(model.extractor)
        (norm, quantizer) = (model.norm, model.quantizer)
        self.memoryLimit = memoryLimit
        self.temporaryFolder = temporaryFolder ?? StoragePlan.temporaryFolder
    }

    /// The parameters of a model that are needed.
    public static func parameters(of model: Wav2Vec2Model) -> [Parameter] {
        model.extractor.parameters + model.norm.parameters + (model.quantizer?.parameters ?? [])
    }

    /// z: the extractor's output behind its layer norm.
    /// - Parameter waveform: N samples, at least the receptive field; normalised here where the model wants that.
    /// - Returns: [1, T, C].
    /// - Throws: `Wav2Vec2Error` where the waveform is too short, `SpillError` where there is no room for temporary
    ///   files.
    public func encode(_ waveform: [Float]) throws -> Tensor {
        let channels = configuration.extractedChannels
        let z = Tensor(uninitialized: [1, configuration.frames(samples: waveform.count), channels])
        try forEachTile(of: waveform) { rows, frames in
            (z.pointer + rows.lowerBound * channels).update(from: frames.pointer, count: frames.count)
        }
        return z
    }

    /// The ids of all frames, unmasked.
    /// - Parameter waveform: as for `encode`.
    /// - Returns: [T, G] in row-major order.
    /// - Throws: as `encode`, and where the waveform is too loud to compute with or the model has no quantizer.
    public func quantize(_ waveform: [Float]) throws -> [Int32] {
        guard let quantizer else { throw Wav2Vec2Error.noQuantizer }
        let groups = quantizer.groups
        let frames = configuration.frames(samples: waveform.count)
        var ids = [Int32](repeating: 0, count: frames * groups)
        try ids.withUnsafeMutableBufferPointer { ids in
            guard let ids = ids.baseAddress.map(SharedPointer.init) else { return }
            try forEachTile(of: waveform) { rows, frames in
                guard frames.firstNonFinite == nil else { throw Wav2Vec2Error.notFinite }
                let first = rows.lowerBound * groups
                for (index, id) in quantizer.ids(frames).enumerated() { ids[first + index] = id }
            }
        }
        return ids
    }

    /// Calls `body` with tiles of z, [1, rows, C], on all threads.
    private func forEachTile(
        of waveform: [Float], _ body: @Sendable (_ rows: Range<Int>, _ z: Tensor) throws -> Void
    ) throws {
        guard configuration.frames(samples: waveform.count) > 0 else {
            throw Wav2Vec2Error.tooShort(samples: waveform.count, needed: configuration.receptiveField)
        }
        let waveform = configuration.extractor.normalizesWaveforms ? normalized(waveform) : waveform
        let size = FrameStore.byteCount(frames: waveform.count, channels: 1)
        try waveform.withUnsafeBufferPointer { samples in
            let store = FrameStore(borrowing: samples)
            let plan = try StoragePlan(
                sizes: extractor.storageSizes(samples: waveform.count),
                memoryLimit: max(0, memoryLimit - size), folder: temporaryFolder)
            try extractor(store, spillFolders: plan.spillFolders).forEachTile { rows, frames in
                try body(rows, norm(.constant(frames), on: Tape(recording: false)).value)
            }
        }
    }

    /// Mean 0 and variance 1, as the model was trained on.
    private func normalized(_ waveform: [Float]) -> [Float] {
        let row = Variable.constant(Tensor(waveform, shape: [1, 1, waveform.count]))
        return Tape(recording: false).layerNorm(row, weight: nil, bias: nil).value.values
    }
}
