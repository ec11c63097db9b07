import Fairseq
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

    /// The checkpoint in fairseq's terms.
    /// - Parameter hash: of the file, to be noted in the new one.
    /// - Returns: what is to be written, and a line for each thing that fairseq cannot express.
    /// - Throws: `FairseqConfigurationError` for a model that fairseq does not have; what `model()` throws.
    public func fairseqExport(hash: String) throws -> (export: FairseqExport, notes: [String]) {
        let (closest, notes) = try FairseqConfiguration.closest(to: configuration.model)
        var provenance = [
            Key.program: Self.programVersion, "checkpoint_sha256": hash,
            Key.configuration: try configurationJSON(),
        ]
        if var origin {
            origin.sha256 = origin.sha256 ?? hash
            provenance[Key.origin] = try origin.json()
        }
        var export = FairseqExport(
            model: try FairseqConfiguration.fields(closest), sampleRate: configuration.data.sampleRate,
            maxSampleSize: configuration.data.maxSampleSize, updates: state.update,
            tensors: try model().fairseqTensors,
            provenance: provenance)
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
