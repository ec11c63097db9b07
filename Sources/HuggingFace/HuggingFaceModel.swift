import Files
import Foundation
import Layers
import TensorFiles
import Wav2Vec2

/// A model of wav2vec 2.0 in a folder of Hugging Face's transformers: `config.json` beside `model.safetensors` or
/// `pytorch_model.bin`, whole or in parts. `preprocessor_config.json` says whether waveforms are normalised.
///
/// Weights stay in the files until they are read, by fairseq's names and in its layouts.
public struct HuggingFaceModel: Sendable {
    /// The folder.
    public let path: String
    /// The kind of files, in words.
    public let format: String
    /// What wrote the folder.
    public let program: String
    /// Valid.
    public let configuration: Wav2Vec2Configuration
    /// Samples per second.
    public let sampleRate: Int
    /// fairseq's names of the tensors that the model has, in the order of the files.
    public let names: [String]
    private let weights: HuggingFaceWeights
    /// Hugging Face's name by fairseq's.
    private let originals: [String: String]

    /// Whether a folder is that of a model of Hugging Face.
    public static func isFolder(_ path: String) -> Bool { exists("config.json", in: path) }

    private static func exists(_ name: String, in folder: String) -> Bool {
        access(folder + "/" + name, F_OK) == 0
    }

    /// Reads the description.
    /// - Throws: `HuggingFaceError`, `FileError`, `SafetensorsError` or `TorchError`, naming the file.
    public init(path: String) throws {
        self.path = path
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let fields = try HuggingFaceFields(path: folder + "/config.json")
        var configuration = try HuggingFaceConfiguration.wav2vec2(fields)
        weights = try HuggingFaceWeights(folder: folder) { Self.exists($0, in: folder) }
        let input = try Self.inputFields(folder)
        // Without a word on it: models with layer norms were trained on normalised waveforms, others not.
        configuration.extractor.normalizesWaveforms =
            try input?.boolean("do_normalize", default: true) ?? (configuration.extractor.norm == .layer)
        configuration.extractor.normalizationEpsilon = 1e-7
        sampleRate = try input?.integer("sampling_rate", default: 16_000) ?? 16_000
        do {
            try configuration.validate()
        } catch let error as ConfigurationError {
            throw HuggingFaceError.configuration(path: fields.path, "\(error)")
        }
        guard (1...1_000_000).contains(sampleRate) else {
            throw HuggingFaceError.configuration(path: folder, "sampling_rate is \(sampleRate)")
        }
        self.configuration = configuration
        let translation = HuggingFaceNames(normsFrames: configuration.extractor.norm == .layer)
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
        format = "\(kind ?? "Wav2Vec2Model") of Hugging Face, \(weights.format)"
        let version = try fields.string("transformers_version", default: "")
        program = version.isEmpty ? "transformers" : "transformers \(version)"
    }

    /// What is done with waveforms; nil where the folder does not say.
    private static func inputFields(_ folder: String) throws -> HuggingFaceFields? {
        if exists("preprocessor_config.json", in: folder) {
            return try HuggingFaceFields(path: folder + "/preprocessor_config.json")
        }
        guard exists("processor_config.json", in: folder) else { return nil }
        return try HuggingFaceFields(path: folder + "/processor_config.json").object("feature_extractor")
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
