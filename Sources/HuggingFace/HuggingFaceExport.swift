import Files
import Foundation
import Layers
import SystemPackage
import TensorFiles
import Wav2Vec2

/// A model as a folder that Hugging Face's transformers load: `config.json`, `model.safetensors` and
/// `preprocessor_config.json`.
public struct HuggingFaceExport {
    /// A line for each thing that transformers cannot express.
    public let notes: [String]
    private let architecture: HuggingFaceArchitecture
    private let fields: JSONObject
    private let extractor: ExtractorConfiguration

    /// `Wav2Vec2ForPreTraining`, or `Wav2Vec2Model` without a quantizer.
    /// - Parameter isFineTuned: whether the parts that only pre-training needs are gone.
    /// - Throws: `HuggingFaceError` for a model that transformers has not.
    public init(_ model: Wav2Vec2Configuration, isFineTuned: Bool) throws {
        architecture = model.quantizer.targets && !isFineTuned ? .pretraining : .wav2vec2
        let notes = try HuggingFaceConfiguration.closest(to: model).notes
        (fields, extractor) = (try HuggingFaceConfiguration.fields(model), model.extractor)
        self.notes =
            (HuggingFaceConfiguration.note(extractor).map { [$0] } ?? [])
            + (architecture == .pretraining ? notes : [])
    }

    /// `HubertModel`.
    /// - Throws: as above.
    public init(_ model: HubertConfiguration) throws {
        architecture = .hubert
        (fields, extractor) = (try HuggingFaceConfiguration.fields(model), model.extractor)
        notes = HuggingFaceConfiguration.note(extractor).map { [$0] } ?? []
    }

    /// Whether the folder of a model says what was read from one.
    package static func says(_ read: Wav2Vec2Configuration, for model: Wav2Vec2Configuration) -> Bool {
        (try? HuggingFaceConfiguration.closest(to: model).model) == read
    }

    /// The same of HuBERT.
    package static func says(_ read: HubertConfiguration, for model: HubertConfiguration) -> Bool {
        (try? HuggingFaceConfiguration.closest(to: model)) == read
    }

    /// The field of `config.json` for what transformers do not ask for.
    static let provenanceField = "vqw2v"

    /// - Parameters:
    ///   - folder: made where it is missing.
    ///   - tensors: of the model, by fairseq's names.
    ///   - sampleRate: of the waveforms, in Hz.
    ///   - provenance: noted in `config.json`.
    /// - Throws: `FileError` where a file cannot be written. All appear, or the folder is as it was.
    public func write(
        to folder: String, tensors: [SafetensorsTensor], sampleRate: Int, provenance: [String: String]
    ) throws {
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        try requireOwn(folder)
        try OutputFiles.makeFolder(FilePath(folder))
        let names = HuggingFaceNames(normsFrames: extractor.norm == .layer)
        let weights = try SafetensorsWriter.begin(
            "\(folder)/\(HuggingFaceFile.weights)",
            tensors: tensors.compactMap { tensor in
                // Targets that are no codewords have a projection that transformers have not.
                if architecture != .pretraining, names.isOfHead(tensor.name) { return nil }
                return names.huggingFace(tensor.name, prefix: architecture.prefix).map {
                    SafetensorsTensor(
                        name: $0, dtype: tensor.dtype, shape: tensor.shape, provider: tensor.provider)
                }
            }, metadata: ["format": "pt", Self.provenanceField: provenance[Provenance.Key.program] ?? ""],
            followsLinks: false)
        let input = try begin(
            [
                "do_normalize": .boolean(extractor.normalizesWaveforms),
                "feature_extractor_type": .string("Wav2Vec2FeatureExtractor"),
                "feature_size": .integer(1), "padding_side": .string("right"), "padding_value": .number(0),
                // Group norms over time see padding, whatever a mask says.
                "return_attention_mask": .boolean(extractor.norm == .layer),
                "sampling_rate": .integer(sampleRate),
            ], to: "\(folder)/\(HuggingFaceFile.input)")
        let configuration = try begin(
            fields.merging([
                "architectures": .array([.string(architecture.rawValue)]),
                "model_type": .string(architecture.type), "torch_dtype": .string("float32"),
                Self.provenanceField: .object(JSONObject(provenance.mapValues { .string($0) })),
            ]), to: "\(folder)/\(HuggingFaceFile.configuration)")
        // What makes the folder a model comes last.
        try AtomicFile.commit([weights, input, configuration])
    }

    /// What a command that was killed has left can be replaced too: it has named the weights, and not yet the configuration.
    /// - Throws: `OutputError` where another program's model would be replaced.
    private func requireOwn(_ folder: String) throws {
        let configuration = "\(folder)/\(HuggingFaceFile.configuration)"
        let weights = "\(folder)/\(HuggingFaceFile.weights)"
        let files = [configuration, weights, "\(folder)/\(HuggingFaceFile.input)"]
        guard let file = files.first(where: { access($0, F_OK) == 0 }) else { return }
        let isOwn =
            file == configuration
            ? (try? HuggingFaceFields(path: file).object(Self.provenanceField)) != nil
            : file == weights && (try? SafetensorsFile(path: file))?.metadata[Self.provenanceField] != nil
        guard !isOwn else { return }
        throw OutputError.notKnown(
            file, belongsTo: "be of a model that this program has written",
            remedy: "name another folder, or remove it")
    }

    private func begin(_ object: JSONObject, to path: String) throws -> AtomicFile {
        let file = try AtomicFile(path: path, followsLinks: false)
        try file.write([UInt8](JSONEncoder.line.document(JSONValue.object(object))))
        return file
    }
}
