import Fairseq
import Files
import VQWav2Vec

extension Checkpoint {
    /// Writes the checkpoint as one of this program that is to be used, not resumed: without the optimizer. Of
    /// weights that come from elsewhere it says from where, and only what their file said.
    /// - Parameter hash: of the file.
    /// - Throws: `FileError` where the file cannot be written; what `model()` throws.
    public func writeWeights(to path: String, hash: String) throws {
        guard var origin else {
            return try Self.write(
                path, model: try model(), configuration: configuration, state: state, moments: nil,
                validationUsage: try validationUsage())
        }
        origin.sha256 = origin.sha256 ?? hash
        try Self.write(
            path, model: try model(), moments: nil, usages: [],
            metadata: [Key.configuration: try configurationJSON(), Key.origin: try origin.json()])
    }

    /// What is made with the checkpoint was made with; its hash begins to be computed.
    /// - Throws: `EncodingError`.
    public func provenance() throws -> Provenance {
        Provenance(program: Self.programVersion, checkpoint: hash(), configuration: try configurationJSON())
    }

    /// The checkpoint in fairseq's terms.
    /// - Parameter provenance: to be noted in the new file.
    /// - Returns: what is to be written, and a line for each thing that fairseq cannot express.
    /// - Throws: `FairseqConfigurationError` for a model that fairseq does not have; what `model()` throws.
    public func fairseqExport(_ provenance: Provenance) throws -> (export: FairseqExport, notes: [String]) {
        let (closest, notes) = try FairseqConfiguration.closest(to: configuration.model)
        var entries = try provenance.entries()
        if var origin {
            origin.sha256 = try origin.sha256 ?? provenance.checkpoint.value()
            entries[Key.origin] = try origin.json()
        }
        var export = FairseqExport(
            model: try FairseqConfiguration.fields(closest), sampleRate: configuration.data.sampleRate,
            maxSampleSize: configuration.data.maxSampleSize, updates: state.update,
            tensors: try model().fairseqTensors,
            provenance: entries)
        switch closest.quantizer.kind {
        case .none: break
        case .kmeans: export.criterion.quantizerWeight = configuration.loss.kmeansWeight
        case .gumbel:
            let weight = configuration.loss.diversityWeight
            export.criterion.quantizerWeight = weight == 0 ? nil : weight
            export.criterion.logKeys = ["prob_perplexity", "code_perplexity", "temp"]
        }
        return (export, notes)
    }
}
