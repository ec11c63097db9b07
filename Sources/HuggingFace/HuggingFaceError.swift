import Files
import TensorFiles

/// A folder that cannot be used as a model of Hugging Face, and why, in one line that names the file.
public enum HuggingFaceError: Error, Equatable {
    /// A file that is no JSON document of the kind that it should be: the rest of a sentence.
    case unreadable(path: String, problem: String)
    /// Neither `model.safetensors` nor `pytorch_model.bin`, whole or in parts.
    case noWeights(folder: String)
    /// What Git LFS leaves in place of a large file that was not fetched.
    case gitLFSPointer(path: String)
    /// A model of another kind, by its name in `config.json`.
    case otherModel(path: String, type: String)
    case wrongValue(path: String, field: String, value: JSONValue, expected: String)
    /// A part of the index that would lie elsewhere.
    case partOutside(path: String, name: String)
    /// The configuration is no valid one: the rest of a line.
    case configuration(path: String, String)
    case missing(path: String, tensor: String)
    /// A model that transformers have not, by what they lack.
    case notExpressible(String)
}

extension HuggingFaceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path) \(problem): fetch the folder of the model again"
        case .noWeights(let folder):
            "\(folder) holds a \(HuggingFaceFile.configuration) but no weights: it needs \(HuggingFaceFile.weights) or "
                + "\(HuggingFaceFile.torchWeights), or their parts with an index"
        case .gitLFSPointer(let path):
            "\(path) is a pointer of Git LFS, not the file that it stands for; fetch that with git lfs pull"
        case .otherModel(let path, let type):
            "\(path) describes a model of type \(quoted(type)), which is not read here: use one of wav2vec 2.0 "
                + "(wav2vec2) or HuBERT (hubert)"
        case .wrongValue(let path, let field, let value, let expected):
            "\(path): \(field) is \(value), and only \(expected) is read"
        case .partOutside(let path, let name):
            "\(path) names a part \(quoted(name)) that is not in its folder: use the folder as it was made"
        case .configuration(let path, let problem): "\(path): \(problem)"
        case .missing(let path, let tensor): "\(path) has no tensor \(quoted(tensor))"
        case .notExpressible(let lack):
            "Hugging Face's wav2vec 2.0 has no \(lack): write safetensors or fairseq's pt"
        }
    }
}
