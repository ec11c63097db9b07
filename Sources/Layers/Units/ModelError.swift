/// Why a waveform cannot be put through a model, or a model has not what was asked for. Who knows the recording names
/// it before the line.
public enum ModelError: Error, CustomStringConvertible, Equatable {
    /// There is no frame, or in training no prediction, in so few samples.
    case tooShort(samples: Int, needed: Int)
    /// Of so many frames fewer than two would be masked for training.
    case tooFewMasked(frames: Int)
    /// Ids were asked for.
    case noQuantizer
    /// The same, of a model that had them before it was fine-tuned.
    case quantizerRemoved
    /// The same, of a model whose units are clusters of its layers.
    case unitsAreClusters
    /// Samples or weights near the limit of 32-bit floats.
    case notFinite
    /// The model has no such output.
    case noLayer(FeatureLayer, reason: String)
    /// An output that is computed whole, and its bytes and those that there are.
    case tooLarge(FeatureLayer, needed: Double, available: Double)

    public var description: String {
        switch self {
        case .tooShort(let samples, let needed):
            "\(samples) samples are too short: the model needs at least \(needed)"
        case .tooFewMasked(let frames):
            "of \(frames) frames fewer than two would be masked: take longer recordings, or raise "
                + "mask.time.probability"
        case .noQuantizer:
            "the model has no quantizer, so it has no token ids"
        case .quantizerRemoved:
            "the checkpoint has no quantizer, which fine-tuning takes away, so it has no token ids: use the pre-trained "
                + "checkpoint, or clusters of its features (vqw2v cluster, extract)"
        case .unitsAreClusters:
            "HuBERT has no quantizer; its units are clusters of a layer: find them with vqw2v cluster --layer layer.N "
                + "and give them to quantize --clusters, or take features with vqw2v extract"
        case .notFinite:
            "the encoder's output is not finite: samples should lie within -1 and 1"
        case .noLayer(let layer, let reason):
            "the model has no layer \(layer.rawValue): \(reason)"
        case .tooLarge(let layer, let needed, let available):
            "\(layer.rawValue) of the whole recording takes \((needed / 1e8).rounded() / 10) GB of memory, and there are "
                + "\((available / 1e8).rounded() / 10) GB: cut the recording into pieces"
        }
    }
}
