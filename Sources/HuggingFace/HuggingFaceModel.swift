import Files
import Foundation
import Layers
import TensorFiles
import Wav2Vec2

/// A model of wav2vec 2.0 or HuBERT in a folder of Hugging Face's transformers: `config.json` beside `model.safetensors`
/// or `pytorch_model.bin`, whole or in parts. `preprocessor_config.json` says whether waveforms are normalised.
///
/// Weights stay in the files until they are read, by fairseq's names and in its layouts.
public struct HuggingFaceModel: Sendable {
    /// The folder.
    public let path: String
    /// The kind of files, in words.
    public let format: String
    /// What wrote the folder.
    public let program: String
    /// Valid; nil for a model of HuBERT.
    public let wav2vec2: Wav2Vec2Configuration?
    /// Valid; nil for a model of wav2vec 2.0.
    public let hubert: HubertConfiguration?
    /// Samples per second.
    public let sampleRate: Int
    /// What this program noted when it wrote the folder: see `HuggingFaceExport`; empty for one of transformers' own.
    public let provenance: [String: String]
    /// fairseq's names of the tensors that the model has, in the order of the files.
    public let names: [String]
    private let weights: HuggingFaceWeights
    /// Hugging Face's name by fairseq's.
    private let originals: [String: String]

    /// Whether a folder is that of a model of Hugging Face.
    public static func isFolder(_ path: String) -> Bool { exists(HuggingFaceFile.configuration, in: path) }

    private static func exists(_ name: String, in folder: String) -> Bool {
        access(folder + "/" + name, F_OK) == 0
    }

    /// Reads the description.
    /// - Throws: `HuggingFaceError`, `FileError`, `SafetensorsError` or `TorchError`, naming the file.
    public init(path: String) throws {
        self.path = path
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let fields = try HuggingFaceFields(path: folder + "/" + HuggingFaceFile.configuration)
        let input = try Self.inputFields(folder)
        var norm = ExtractorConfiguration.Norm.group
        switch try fields.string("model_type", default: Self.wav2vec2Type) {
        case Self.wav2vec2Type:
            var model = try HuggingFaceConfiguration.wav2vec2(fields)
            try model.extractor.setNormalization(input)
            (wav2vec2, hubert, norm) = (model, nil, model.extractor.norm)
        case Self.hubertType:
            var model = try HuggingFaceConfiguration.hubert(fields)
            try model.extractor.setNormalization(input)
            (wav2vec2, hubert, norm) = (nil, model, model.extractor.norm)
        case let type: throw HuggingFaceError.otherModel(path: fields.path, type: type)
        }
        weights = try HuggingFaceWeights(folder: folder) { Self.exists($0, in: folder) }
        sampleRate = try input?.integer("sampling_rate", default: 16_000) ?? 16_000
        do {
            try wav2vec2?.validate()
            try hubert?.validate()
        } catch let error as ConfigurationError {
            throw HuggingFaceError.configuration(path: fields.path, "\(error)")
        }
        guard (1...1_000_000).contains(sampleRate) else {
            throw HuggingFaceError.configuration(path: folder, "sampling_rate is \(sampleRate)")
        }
        let translation = HuggingFaceNames(normsFrames: norm == .layer)
        var (names, originals) = ([String](), [String: String]())
        for name in weights.names {
            guard let known = translation.fairseq(name) else { continue }
            if originals.updateValue(name, forKey: known) == nil { names.append(known) }
        }
        (self.names, self.originals) = (names, originals)
        let kind: String? =
            if case .array(let list)? = fields.value("architectures"), case .string(let name)? = list.first {
                name
            } else { nil }
        let standard = hubert == nil ? HuggingFaceArchitecture.wav2vec2 : .hubert
        format = "\(kind ?? standard.rawValue) of Hugging Face, \(weights.format)"
        let version = try fields.string("transformers_version", default: "")
        provenance = try fields.object(HuggingFaceExport.provenanceField)?.texts ?? [:]
        // What is saved again by transformers has both.
        program =
            version.isEmpty
            ? provenance[Provenance.Key.program] ?? "transformers" : "transformers \(version)"
    }

    static let (wav2vec2Type, hubertType) = ("wav2vec2", "hubert")

    /// What is done with waveforms; nil where the folder does not say.
    private static func inputFields(_ folder: String) throws -> HuggingFaceFields? {
        func fields(_ name: String) throws -> HuggingFaceFields? {
            exists(name, in: folder) ? try HuggingFaceFields(path: folder + "/" + name) : nil
        }
        return try fields(HuggingFaceFile.input)
            ?? fields(HuggingFaceFile.processor)?.object("feature_extractor")
    }

    /// The SHA-256 of the files with weights, one after the other.
    public func hash() -> FileHash { weights.hash() }

    public func contains(_ name: String) -> Bool { originals[name] != nil }

    /// - Throws: `HuggingFaceError` where there is no such tensor.
    public func shape(of name: String) throws -> [Int] { try weights.shape(of: original(name)) }

    /// Writes the elements of a tensor as 32-bit floats, row-major; those of other floating-point types are converted.
    /// - Parameter target: as many elements as the tensor has.
    /// - Throws: `HuggingFaceError` where there is no such tensor; what reading its file throws.
    public func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
        try weights.read(original(name), into: target)
    }

    private func original(_ name: String) throws -> String {
        guard let original = originals[name] else { throw HuggingFaceError.missing(path: path, tensor: name) }
        return original
    }
}

extension HuggingFaceModel {
    /// The files of a folder that belong to the model: configurations, weights and their parts.
    public static func files(_ folder: String) -> [String] {
        let configurations = [
            HuggingFaceFile.configuration, HuggingFaceFile.input, HuggingFaceFile.processor,
        ]
        let weights = [HuggingFaceFile.weights, HuggingFaceFile.torchWeights].flatMap { whole in
            let index = HuggingFaceFile.index(of: whole)
            return [whole, index] + ((try? HuggingFaceWeights.parts(of: "\(folder)/\(index)")) ?? [])
        }
        return (configurations + weights).filter { exists($0, in: folder) }.map { "\(folder)/\($0)" }
    }
}

/// Names of the files of a folder.
enum HuggingFaceFile {
    static let configuration = "config.json"
    static let input = "preprocessor_config.json"
    /// Of newer folders; it holds what the one above does.
    static let processor = "processor_config.json"
    static let weights = "model.safetensors"
    static let torchWeights = "pytorch_model.bin"

    /// The file that says in which part each weight is.
    static func index(of weights: String) -> String { weights + ".index.json" }
}

extension ExtractorConfiguration {
    /// Without a word on it: models with layer norms were trained on normalised waveforms, others not.
    fileprivate mutating func setNormalization(_ input: HuggingFaceFields?) throws {
        normalizesWaveforms = try input?.boolean("do_normalize", default: true) ?? (norm == .layer)
        normalizationEpsilon = HuggingFaceConfiguration.normalizationEpsilon
    }
}
