import Fairseq
import Files
import Layers
import VQWav2Vec

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
            path, parameters: parts.flatMap(\.parameters), aliases: model.aliases, moments: nil,
            usages: usages, metadata: metadata)
    }

    /// What is made with the checkpoint was made with; its hash begins to be computed.
    /// - Throws: `EncodingError`.
    public func provenance() throws -> Provenance {
        Provenance(program: Self.programVersion, checkpoint: hash(), configuration: try configurationJSON())
    }

    /// The checkpoint in fairseq's terms.
    /// - Parameter provenance: to be noted in the new file.
    /// - Returns: what is to be written, which is nothing that the file does not say, and a line for each thing that
    ///   fairseq cannot express or that it would have to be told.
    /// - Throws: `FairseqConfigurationError` for a model that fairseq does not have; what `model()` throws.
    public func fairseqExport(_ provenance: Provenance) throws -> (export: FairseqExport, notes: [String]) {
        var (closest, notes) = try FairseqConfiguration.closest(to: configuration.model)
        var entries = try provenance.entries()
        if var origin {
            origin.sha256 = try origin.sha256 ?? provenance.checkpoint.value()
            entries[Key.origin] = try origin.json()
        }
        var export = FairseqExport(
            model: try FairseqConfiguration.fields(closest), sampleRate: configuration.data.sampleRate,
            maxSampleSize: says("data", "max_sample_size") ? configuration.data.maxSampleSize : nil,
            updates: updates, tensors: try model().fairseqTensors,
            provenance: entries)
        let (weight, key): (Double, String)
        switch closest.quantizer.kind {
        case .none: return (export, notes)
        case .kmeans: (weight, key) = (configuration.loss.kmeansWeight, "kmeans_weight")
        case .gumbel:
            (weight, key) = (configuration.loss.diversityWeight, "diversity_weight")
            export.criterion.logKeys = ["prob_perplexity", "code_perplexity", "temp"]
        }
        guard says("loss", key) else {
            notes.append(
                "\(path) does not say the weight of the quantizer's loss: to train the model further with fairseq, "
                    + "give it criterion.loss_weights")
            return (export, notes)
        }
        export.criterion.quantizerWeight = closest.quantizer.kind == .gumbel && weight == 0 ? nil : weight
        return (export, notes)
    }

    /// Whether the file says the value of a key of the configuration.
    private func says(_ section: String, _ key: String) -> Bool {
        guard case .object(let sections) = statedConfiguration, case .object(let keys)? = sections[section]
        else {
            return false
        }
        return keys[key] != nil
    }
}
