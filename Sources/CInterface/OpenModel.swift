import CVqw2v
import Checkpoints
import Evaluation
import Layers
import Speech
import Synchronization
import TensorFiles
import Tensors
import Tokenizers

/// What a handle of C stands for: a checkpoint, clusters, or both.
final class OpenModel: Sendable {
    let info: vqw2v_info
    /// Makes the model's own ids; nil where it has none, or clusters take their place.
    private let units: (any UnitModel)?
    private let parts: Mutex<Parts>

    /// What threads take turns to use.
    private struct Parts {
        let checkpoint: Checkpoint?
        let clusters: ClusterTokenizer?
        /// Those that were asked for.
        var layers: [FeatureLayer: any FeatureModel] = [:]
    }

    /// Opens the files and reads the weights that ids need.
    /// - Throws: `TokenizerError` where neither is given; what reading them throws.
    init(checkpoint path: String?, clusters: String?) throws {
        let checkpoint = try path.map { try Checkpoint(path: $0) }
        let tokenizer = try clusters.map { try ClusterTokenizer(ClusterFile(path: $0), checkpoint) }
        if let tokenizer {
            info = vqw2v_info(tokenizer)
            units = nil
        } else if let checkpoint {
            info = vqw2v_info(checkpoint)
            units = info.groups > 0 ? try checkpoint.unitModel() : nil
        } else {
            throw TokenizerError.nothingGiven
        }
        parts = Mutex(Parts(checkpoint: checkpoint, clusters: tokenizer))
    }

    /// In Hz.
    var sampleRate: Int { Int(info.sample_rate) }

    /// - Parameter waveform: [N, 1], at `sampleRate`.
    /// - Throws: `ModelError`, `SpillError`, `TokenizerError`.
    func quantize(_ waveform: FrameStore) throws -> TokenSequence {
        if let units { return try units.quantize(waveform) }
        return try parts.withLock { parts in
            guard let clusters = parts.clusters else {
                // Says why there are none.
                _ = try parts.checkpoint?.requireCodebook()
                throw ModelError.noQuantizer
            }
            return try clusters.quantize(waveform)
        }
    }

    /// - Parameter waveform: as above.
    /// - Returns: [T, D].
    /// - Throws: `CallError` for a layer that there is not; `CheckpointError`, `ModelError`, `SpillError`.
    func extract(_ layer: String, _ waveform: FrameStore) throws -> Tensor {
        guard let layer = FeatureLayer(rawValue: layer) else {
            throw CallError.invalid(
                "there is no layer \"\(layer)\": layers are z, logits, quantized, c and layer.N, with N from 1 on"
            )
        }
        return try parts.withLock { parts in
            guard let checkpoint = parts.checkpoint else { throw TokenizerError.modelNeeded(layer) }
            let model = try parts.layers[layer] ?? checkpoint.featureModel(layer)
            parts.layers[layer] = model
            return try model.features(waveform)
        }
    }

    /// What `inspect --json` prints, with the clusters where there are some.
    /// - Throws: as `Checkpoint.model()`.
    func json() throws -> String {
        try parts.withLock { parts in
            try CheckpointDescription.json(
                ModelDescription(
                    checkpoint: parts.checkpoint.map { try CheckpointDescription($0) },
                    clusters: parts.clusters.map { ClusterDescription($0) }))
        }
    }
}

/// A checkpoint's description, and clusters beside it.
private struct ModelDescription: Encodable {
    let checkpoint: CheckpointDescription?
    let clusters: ClusterDescription?

    private enum CodingKeys: String, CodingKey {
        case clusters
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(clusters, forKey: .clusters)
        try checkpoint?.encode(to: encoder)
    }
}

/// Properties are keys of JSON, in snake_case.
private struct ClusterDescription: Encodable {
    let path: String
    let layer: String
    let units: Int
    let dimensions: Int
    /// As the file says them.
    let metadata: [String: String]

    init(_ tokenizer: ClusterTokenizer) {
        let clusters = tokenizer.clusters
        (path, layer, metadata) = (clusters.path, tokenizer.layer.rawValue, clusters.metadata)
        (units, dimensions) = (clusters.kmeans.clusters, clusters.kmeans.dimensions)
    }
}

extension vqw2v_info {
    fileprivate init(_ checkpoint: Checkpoint) {
        let configuration = checkpoint.configuration
        let codebook = try? checkpoint.requireCodebook()
        let timing = configuration.units.timing(of: .z, sampleRate: configuration.data.sampleRate)
        self.init(
            sample_rate: Int32(clamping: timing.sampleRate), groups: Int32(clamping: codebook?.groups ?? 0),
            codewords: Int32(clamping: codebook?.variables ?? 0), hop: Int32(clamping: timing.hop),
            window: Int32(clamping: timing.window))
    }

    fileprivate init(_ tokenizer: ClusterTokenizer) {
        let centres = tokenizer.frames.centres
        self.init(
            sample_rate: Int32(clamping: centres.sampleRate), groups: 1,
            codewords: Int32(clamping: tokenizer.clusters.kmeans.clusters), hop: Int32(clamping: centres.hop),
            window: Int32(clamping: centres.window))
    }
}
