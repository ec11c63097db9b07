import Files
import TensorFiles

/// A `.pt` file that cannot be used as a model, and why, in one line that names the file.
public enum FairseqCheckpointError: Error, Equatable {
    case unusable(path: String, FairseqCheckpointProblem)
    /// The model's configuration is no valid one: the rest of a line.
    case configuration(path: String, String)
    case missing(path: String, tensor: String)
}

extension FairseqCheckpointError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unusable(let path, let problem): "\(path) \(problem)"
        case .configuration(let path, let problem): "\(path): \(problem)"
        case .missing(let path, let tensor): "\(path) has no tensor \(quoted(tensor))"
        }
    }
}

/// Why a `.pt` file is not a model that is read here: the rest of a sentence that begins with its name.
public enum FairseqCheckpointProblem: Error, Equatable {
    case noDictionary
    case noConfiguration
    /// A fine-tuned model that does not say what it was made from.
    case noBeginning
    /// What is wrong with the pickle of the configuration.
    case pickle(String)
    case sampleRate(JSONValue)
    case severalModels(String, String)
    /// The configuration calls for more weights than there are bytes.
    case tooLarge(millions: Int, byteCount: Int)
    /// A model of another family, by its name.
    case otherModel(String)
}

extension FairseqCheckpointProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noDictionary:
            "is no checkpoint of fairseq: it holds no dictionary; use the file that fairseq's training wrote"
        case .noConfiguration:
            "has no configuration of a wav2vec model (args, cfg or model_cfg): use the checkpoint that fairseq's "
                + "training wrote"
        case .noBeginning:
            "is a fine-tuned model that does not hold the configuration of the one that it was made from (w2v_args): "
                + "load it once with fairseq and save it again"
        case .pickle(let problem): "is \(problem)"
        case .sampleRate(let rate): "has a sample_rate of \(rate): use another checkpoint"
        case .severalModels(let first, let second):
            "holds more than one model, under \(quoted(first)) and \(quoted(second)): use a checkpoint of one"
        case .tooLarge(let millions, let bytes):
            "is damaged: its configuration calls for \(millions) million weights, which its \(bytes) bytes "
                + "cannot hold"
        case .otherModel(let family):
            "is a checkpoint of \(family), which is not read here: use one of wav2vec, vq-wav2vec, "
                + "wav2vec 2.0 or HuBERT, such as fairseq's vq-wav2vec.pt or wav2vec_small.pt"
        }
    }
}
