import Files
import HuggingFace
import Layers

extension Checkpoint {
    /// Writes the checkpoint as one of this program that is to be used, not resumed: without the optimizer. Of
    /// weights that come from elsewhere it says from where, and only what their file said.
    /// - Parameter hash: of the file.
    /// - Throws: `FileError` where the file cannot be written; what `model()` throws.
    public func writeWeights(to path: String, hash: String) throws {
        let (model, parts) = try storedModel()
        var (usages, metadata) = ([(Key.validationUsage, try validationUsage())], [String: String]())
        if var origin {
            origin.sha256 = origin.sha256 ?? hash
            usages = []
            metadata = [Key.configuration: try configurationJSON(), Key.origin: try origin.json()]
        } else {
            metadata = try Self.metadata(configuration, state)
        }
        try Self.write(
            path, parameters: parts.flatMap(\.parameters), aliases: model.aliases, optimizer: nil,
            usages: usages, metadata: metadata)
    }

    /// What is made with the checkpoint was made with; its hash begins to be computed.
    /// - Throws: `EncodingError`.
    public func provenance() throws -> Provenance {
        Provenance(program: Self.programVersion, checkpoint: hash(), configuration: try configurationJSON())
    }

    /// What is noted in files of other formats.
    /// - Parameter provenance: of the checkpoint.
    func notes(_ provenance: Provenance) throws -> [String: String] {
        var entries = try provenance.entries()
        if var origin {
            origin.sha256 = try origin.sha256 ?? provenance.checkpoint.value()
            entries[Key.origin] = try origin.json()
        }
        return entries
    }

    /// The checkpoint as a folder of Hugging Face.
    /// - Throws: `HuggingFaceError` and `CheckpointError` for a model that transformers have not.
    public func huggingFaceExport() throws -> HuggingFaceExport {
        if let hubert = configuration.hubert { return try HuggingFaceExport(hubert) }
        guard let wav2vec2 = configuration.wav2vec2 else {
            throw unsuitable(
                "transformers have neither wav2vec nor vq-wav2vec: write pt, safetensors or onnx")
        }
        return try HuggingFaceExport(wav2vec2, isFineTuned: isFineTuned)
    }

    /// Writes the folder.
    /// - Parameter provenance: to be noted in it.
    /// - Throws: `FileError` where a file cannot be written; what `model()` throws.
    public func write(_ export: HuggingFaceExport, to folder: String, provenance: Provenance) throws {
        var entries = try notes(provenance)
        entries[Key.updates] = updates.map { "\($0)" }
        try export.write(
            to: folder,
            tensors: storedModel().parts.flatMap(\.parameters).map {
                Self.entry($0.name, $0, $0.variable.value)
            }, sampleRate: configuration.data.sampleRate, provenance: entries)
    }

    func unsuitable(_ problem: String) -> CheckpointError { .unsuitable(path: path, problem) }

    /// Whether the file says the value of a key of the configuration.
    func says(_ section: String, _ key: String) -> Bool {
        guard case .object(let sections) = statedConfiguration, case .object(let keys)? = sections[section]
        else {
            return false
        }
        return keys[key] != nil
    }
}
