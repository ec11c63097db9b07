import Autodiff
import Layers
import Tensors

/// The extractor and the quantizer of a model, prepared to turn any number of recordings of any length into features
/// and ids.
///
/// No tape, and memory that does not grow with a recording's length: what is too large goes to temporary files. Results
/// do not depend on that, on the number of threads or on other recordings.
///
/// Weights are prepared once: after a change of the model's another one is to be made. Until then any number of tasks
/// can share this one.
public struct Wav2Vec2InferenceModel: UnitModel {
    public let configuration: Wav2Vec2Configuration
    private let extractor: EncoderInference
    private let norm: ChannelNorm
    private let quantizer: GumbelQuantizer?
    private let memoryLimit: Int
    private let temporaryFolder: String

    /// - Parameters:
    ///   - precision: of the operands of the extractor's convolutions. With bf16 some ids are others.
    ///   - memoryLimit: bytes of memory for the waveform of a recording and its layers. What goes beyond is kept in
    ///     temporary files.
    ///   - temporaryFolder: for these files. By default that of the environment variable `TMPDIR`, else `/var/tmp`.
    public init(
        _ model: Wav2Vec2Model, precision: Precision = .float32, memoryLimit: Int = 1 << 30,
        temporaryFolder: String? = nil
    ) {
        configuration = model.configuration
        extractor = EncoderInference(model.extractor, precision: precision)
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
    /// - Throws: `ModelError` where the waveform is too short, `SpillError` where there is no room for temporary files.
    public func encode(_ waveform: [Float]) throws -> Tensor {
        try configuration.withFrames(of: waveform, memoryLimit: memoryLimit) {
            try encode($0, memoryLimit: $1)
        }
    }

    /// The same of a waveform [N, 1] that may itself be in a temporary file.
    package func encode(_ waveform: FrameStore) throws -> Tensor {
        try encode(waveform, memoryLimit: memoryLimit)
    }

    private func encode(_ waveform: FrameStore, memoryLimit: Int) throws -> Tensor {
        let channels = configuration.extractedChannels
        let z = Tensor(uninitialized: [1, configuration.frames(samples: waveform.frames), channels])
        try forEachTile(of: waveform, memoryLimit: memoryLimit) { rows, frames in
            (z.pointer + rows.lowerBound * channels).update(from: frames.pointer, count: frames.count)
        }
        return z
    }

    /// Behind the normalisation of a waveform there is no other that its level reaches.
    package func epsilonShare(of waveform: FrameStore) throws -> Double {
        guard configuration.extractor.normalizesWaveforms else {
            return try extractor.epsilonShare(of: waveform)
        }
        guard waveform.frames > 0 else { return 0 }
        return try waveform.normalization(epsilon: configuration.extractor.normalizationEpsilon).epsilonShare
    }

    /// The ids of all frames, unmasked.
    /// - Parameter waveform: as for `encode`.
    /// - Throws: as `encode`, and where the waveform is too loud to compute with or the model has no quantizer.
    public func quantize(_ waveform: [Float]) throws -> TokenSequence {
        try configuration.withFrames(of: waveform, memoryLimit: memoryLimit) {
            try quantize($0, memoryLimit: $1)
        }
    }

    /// The same of a waveform [N, 1] that may itself be in a temporary file.
    package func quantize(_ waveform: FrameStore) throws -> TokenSequence {
        try quantize(waveform, memoryLimit: memoryLimit)
    }

    private func quantize(_ waveform: FrameStore, memoryLimit: Int) throws -> TokenSequence {
        guard let quantizer else { throw ModelError.noQuantizer }
        let groups = quantizer.groups
        var ids = [Int32](
            repeating: 0, count: configuration.frames(samples: waveform.frames) * groups)
        try ids.withUnsafeMutableBufferPointer { ids in
            guard let ids = ids.baseAddress.map(SharedPointer.init) else { return }
            try forEachTile(of: waveform, memoryLimit: memoryLimit) { rows, frames in
                guard frames.firstNonFinite == nil else { throw ModelError.notFinite }
                let first = rows.lowerBound * groups
                for (index, id) in quantizer.ids(frames).enumerated() { ids[first + index] = id }
            }
        }
        return TokenSequence(ids: ids, groups: groups)
    }

    /// Calls `body` with tiles of z, [1, rows, C], on all threads.
    private func forEachTile(
        of waveform: FrameStore, memoryLimit: Int,
        _ body: @Sendable (_ rows: Range<Int>, _ z: Tensor) throws -> Void
    ) throws {
        try configuration.requireFrame(samples: waveform.frames)
        var (waveform, memoryLimit) = (waveform, memoryLimit)
        if configuration.extractor.normalizesWaveforms {
            let size = FrameStore.byteCount(frames: waveform.frames, channels: 1)
            waveform = try waveform.normalized(
                epsilon: configuration.extractor.normalizationEpsilon,
                spillFolder: size > memoryLimit ? temporaryFolder : nil)
            if size <= memoryLimit { memoryLimit -= size }
        }
        let plan = try StoragePlan(
            sizes: extractor.storageSizes(samples: waveform.frames), memoryLimit: memoryLimit,
            folder: temporaryFolder)
        try extractor(waveform, spillFolders: plan.spillFolders).forEachTile { rows, frames in
            try body(rows, norm(.constant(frames), on: Tape(recording: false)).value)
        }
    }
}

extension FrameStore {
    /// By the mean and the variance of the whole waveform.
    fileprivate func normalization(epsilon: Double) throws -> WaveformNormalization {
        let tiles = FrameTiles(frames: frames)
        let moments = try Parallel.tryMap(tiles.count) { tile in
            try read(tiles[tile]) { samples in
                var moments = GroupMoments()
                moments.add(samples, frames: tiles[tile].count, stride: 1, channels: 1)
                return moments
            }
        }.reduce(into: GroupMoments()) { $0 += $1 }
        let mean = moments.sum / Double(frames)
        return WaveformNormalization(
            mean: mean, variance: moments.squares / Double(frames) - mean * mean, epsilon: epsilon)
    }

    /// A waveform with mean 0 and variance 1.
    fileprivate func normalized(epsilon: Double, spillFolder: String?) throws -> FrameStore {
        let normalization = try normalization(epsilon: epsilon)
        let result = try FrameStore(frames: frames, channels: 1, spillFolder: spillFolder)
        _ = try result.fill(groups: 0) { rows, output in
            try read(rows) { samples in
                for index in 0..<rows.count { output[index] = normalization(samples[index]) }
            }
        }
        return result
    }
}
