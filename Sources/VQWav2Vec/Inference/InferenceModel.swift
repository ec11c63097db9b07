import Autodiff
import Layers
import Tensors

/// The encoder and the quantizer of a model, prepared to turn any number of recordings of any length into
/// features and ids.
///
/// No tape, and memory that does not grow with a recording's length: what is too large goes to temporary
/// files. Results do not depend on that, on the number of threads or on other recordings. The exception is a quantizer
/// behind the aggregator: c is computed whole, in memory, and its ids are refused where there is too little.
///
/// Weights are prepared once: after a change of the model's another one is to be made. Until then any number of tasks
/// can share this one.
public struct InferenceModel: UnitModel {
    public let configuration: ModelConfiguration
    public let quantizer: (any Quantizer)?
    private let encoder: EncoderInference
    /// Nil where the ids do not need it.
    private let aggregator: ContextAggregator?
    private let memoryLimit: Int
    private let temporaryFolder: String

    /// - Parameters:
    ///   - precision: of the operands of the encoder's convolutions. With bf16 some ids are others.
    ///   - memoryLimit: bytes of memory for a recording, its waveform and its layers (the process needs some
    ///     more: the weights, a few megabytes per thread). What goes beyond is kept in temporary files.
    ///   - temporaryFolder: for these files. By default that of the environment variable `TMPDIR`, else
    ///     `/var/tmp`. An hour of audio needs 9 GB at the paper's size.
    public init(
        _ model: Model, precision: Precision = .float32, memoryLimit: Int = 1 << 30,
        temporaryFolder: String? = nil
    ) {
        configuration = model.configuration
        encoder = EncoderInference(model.encoder, precision: precision)
        quantizer = model.quantizer
        aggregator = model.configuration.quantizesContext ? model.aggregator : nil
        self.memoryLimit = memoryLimit
        self.temporaryFolder = temporaryFolder ?? StoragePlan.temporaryFolder
    }

    /// The parameters of a model that are needed.
    public static func parameters(of model: Model) -> [Parameter] {
        model.encoder.parameters + (model.quantizer?.parameters ?? [])
            + (model.configuration.quantizesContext ? model.aggregator.parameters : [])
    }

    /// The encoder's output.
    /// - Parameter waveform: N samples, at least the receptive field.
    /// - Returns: z [1, T, C].
    /// - Throws: `ModelError` where the waveform is too short, `SpillError` where there is no room for
    ///   temporary files.
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
        let z = try frames(of: waveform, projection: nil, memoryLimit: memoryLimit)
        let result = Tensor(uninitialized: [1, z.frames, z.channels])
        try z.forEachTile { rows, frames in
            (result.pointer + rows.lowerBound * z.channels).update(
                from: frames.pointer, count: frames.count)
        }
        return result
    }

    package func epsilonShare(of waveform: FrameStore) throws -> Double {
        try encoder.epsilonShare(of: waveform)
    }

    /// The token ids of one recording.
    /// - Parameter waveform: N samples in [−1, 1] at the rate that the model was trained at.
    /// - Throws: `ModelError` where the waveform is too short or too loud to compute with, or the model has
    ///   no quantizer, or quantizes contexts and they do not fit into memory; `SpillError` where there is no room for
    ///   temporary files.
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
        guard aggregator == nil else {
            return try quantizeContexts(waveform, quantizer, memoryLimit: memoryLimit)
        }
        let frames = try frames(of: waveform, projection: quantizer.projection, memoryLimit: memoryLimit)
        var ids = [Int32](repeating: 0, count: frames.frames * quantizer.groups)
        try ids.withUnsafeMutableBufferPointer { ids in
            guard let ids = ids.baseAddress.map(SharedPointer.init) else { return }
            try frames.forEachTile { rows, frames in
                // Samples or weights near the limit of 32-bit floats; the nearest of nothing would be any
                // codeword.
                guard frames.firstNonFinite == nil else { throw ModelError.notFinite }
                let first = rows.lowerBound * quantizer.groups
                for (index, id) in quantizer.ids(frames).enumerated() { ids[first + index] = id }
            }
        }
        return TokenSequence(ids: ids, groups: quantizer.groups)
    }

    /// c is computed whole, in memory.
    private func quantizeContexts(
        _ waveform: FrameStore, _ quantizer: any Quantizer, memoryLimit: Int
    ) throws -> TokenSequence {
        try configuration.requireContextIDs(
            samples: waveform.frames, available: ProcessMemory.limitBytes)
        let c = try quantizerInput(waveform, memoryLimit: memoryLimit)
        guard c.firstNonFinite == nil else { throw ModelError.notFinite }
        let ids = quantizer.projection == nil ? quantizer.ids(c) : quantizer.quantization(of: c).ids
        return TokenSequence(ids: ids, groups: quantizer.groups)
    }

    /// What is quantized, or would be: z [1, T, C], or c.
    func quantizerInput(_ waveform: FrameStore) throws -> Tensor {
        try quantizerInput(waveform, memoryLimit: memoryLimit)
    }

    private func quantizerInput(_ waveform: FrameStore, memoryLimit: Int) throws -> Tensor {
        let z = try encode(waveform, memoryLimit: memoryLimit)
        return aggregator.map { $0.contexts(of: z) } ?? z
    }

    /// z, or its projection.
    private func frames(
        of waveform: FrameStore, projection: NormalizedProjection?, memoryLimit: Int
    ) throws -> BlockFrames {
        try configuration.requireFrame(samples: waveform.frames)
        var sizes = encoder.storageSizes(samples: waveform.frames)
        if let projection {
            let frames = configuration.frames(samples: waveform.frames)
            sizes.append(
                FrameStore.byteCount(frames: frames, channels: projection.weight.variable.shape[0]))
        }
        let plan = try StoragePlan(sizes: sizes, memoryLimit: memoryLimit, folder: temporaryFolder)
        let z = try encoder(waveform, spillFolders: plan.spillFolders)
        guard let projection else { return z }
        return try project(z, projection, spillFolder: plan.spillFolders[sizes.count - 1])
    }

    /// The normalised projection of z, [T, Cout].
    private func project(
        _ z: BlockFrames, _ projection: NormalizedProjection, spillFolder: String?
    ) throws -> BlockFrames {
        let weight = projection.weight.variable
        let store = try FrameStore(
            frames: z.frames, channels: weight.shape[0], spillFolder: spillFolder, tilesOnly: true)
        let moments = try store.fill(groups: projection.groups) { rows, output in
            let tape = Tape(recording: false)
            let y = tape.linear(.constant(try z(rows)), weight: weight, groups: projection.groups).value
            output.update(from: y.pointer, count: y.count)
        }
        return BlockFrames(
            frames: z.frames, channels: store.channels, convolved: .stored(store),
            norm: FrameNormalization(
                .group(projection.groups), moments: moments, frames: z.frames, channels: store.channels,
                weight: projection.normWeight.variable.value, bias: projection.normBias.variable.value,
                activation: nil))
    }
}

extension Model {
    /// The token ids of one recording: `InferenceModel.quantize`, for a recording or two.
    /// - Throws: as that.
    public func quantize(_ waveform: [Float]) throws -> TokenSequence {
        try InferenceModel(self).quantize(waveform)
    }
}
