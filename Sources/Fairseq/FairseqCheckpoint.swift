import Files
import TensorFiles
import VQWav2Vec
import Wav2Vec2

/// A wav2vec, vq-wav2vec, wav2vec 2.0 or HuBERT model in a `.pt` file: of fairseq, of 2020 (`args`) or of today (`cfg`), or
/// converted by s3prl (`model_cfg`, `model_weight`).
///
/// Weights stay in the file until they are read; the state of the optimizer and everything else is not looked at.
public struct FairseqCheckpoint: Sendable {
    /// How the configuration was stored.
    public enum Style: String, Sendable {
        case args = "args namespace"
        case cfg = "cfg dictionary"
        case s3prl = "converted by s3prl"
    }

    public let path: String
    public let style: Style
    /// Valid; means nothing where the model is one of wav2vec 2.0 or HuBERT.
    public let model: ModelConfiguration
    /// Valid; nil for a model of another family.
    public let wav2vec2: Wav2Vec2Configuration?
    /// Valid; nil for a model of another family.
    public let hubert: HubertConfiguration?
    /// Whether the file says what wav2vec 2.0's training adds to the contrastive loss.
    public let saysLosses: Bool
    /// Samples per second, by the configuration of the task; 16,000 where there is none.
    public let sampleRate: Int
    /// Updates that the model was trained for, as the file has it; nil where it does not say.
    public let updates: Int?
    /// What this program noted when it wrote the file: `program`, `checkpoint_sha256`, `configuration`; empty for a
    /// file of fairseq's own.
    public let provenance: [String: String]
    /// The tensors' names without a prefix such as `module.` that all of them had, in the order of the file.
    public let names: [String]
    /// The serialisation of torch, in words.
    public var serialization: String { "\(file.serialization.rawValue) serialisation" }

    private let file: TorchFile
    private let values: [String: PickleValue]

    /// Whether a file begins as one of torch's.
    public static func isTorchFile(_ path: String) -> Bool { TorchFile.isTorchFile(path) }

    /// Reads the description.
    /// - Throws: `FairseqCheckpointError` or `TorchError`, naming the file: for a damaged file, for one of another
    ///   model, and for a configuration that has no meaning here.
    public init(path: String) throws {
        self.path = path
        file = try TorchFile(path: path)
        do {
            let layout = try FairseqCheckpointLayout(file.document)
            let family = try FairseqFamily(names: layout.names, architecture: layout.architecture)
            let fields = try layout.fields()
            style = layout.style
            let (task, criterion) = (layout.taskFields(), layout.criterionFields())
            saysLosses = criterion["loss_weights"] != nil
            model = try family == .vqWav2Vec ? FairseqConfiguration.model(fields) : ModelConfiguration()
            wav2vec2 =
                try family == .wav2vec2
                ? FairseqConfiguration.wav2vec2(fields, task: task, criterion: criterion) : nil
            hubert = try family == .hubert ? FairseqConfiguration.hubert(fields, task: task) : nil
            try model.validate()
            try wav2vec2?.validate()
            try hubert?.validate()
            sampleRate = try layout.sampleRate()
            updates = layout.updates
            provenance = layout.provenance
            (names, values) = try layout.weights()
            try Self.check(
                wav2vec2?.roughWeightCount ?? hubert?.roughWeightCount ?? model.roughWeightCount,
                against: file.byteCount)
        } catch let problem as FairseqCheckpointProblem {
            throw FairseqCheckpointError.unusable(path: path, problem)
        } catch {
            throw FairseqCheckpointError.configuration(path: path, "\(error)")
        }
    }

    /// Refuses a configuration of far more weights than the file can hold before memory is taken for them. One
    /// that is only somewhat too large is found at the first tensor that does not fit.
    private static func check(_ weights: Double, against bytes: Int) throws {
        guard weights <= max(Double(bytes), 1e8) else {
            throw FairseqCheckpointProblem.tooLarge(millions: Int(weights / 1e6), byteCount: bytes)
        }
    }

    /// Begins to compute the SHA-256 of the file that was opened.
    public func hash() -> FileHash { file.hash() }

    public func contains(_ name: String) -> Bool { values[name] != nil }

    /// The shape of a tensor.
    /// - Throws: `FairseqCheckpointError` or `TorchError`, naming the file, where there is no such tensor or it
    ///   is damaged.
    public func shape(of name: String) throws -> [Int] { try tensor(name).shape }

    /// Writes the elements of a tensor as 32-bit floats, row-major; 16-bit and 64-bit ones are converted.
    /// - Parameter target: as many elements as the tensor has.
    /// - Throws: as `shape(of:)`, and for a tensor that is not of floating-point type.
    public func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
        try file.read(tensor(name), into: target)
    }

    private func tensor(_ name: String) throws -> TorchTensor {
        guard let value = values[name], let tensor = try file.tensor(value) else {
            throw FairseqCheckpointError.missing(path: path, tensor: name)
        }
        return tensor
    }
}
