import Fairseq
import VQWav2Vec

extension Checkpoint {
    /// Writes the checkpoint as one of this program that is to be used, not resumed: without the optimizer.
    /// - Throws: `FileError` where the file cannot be written; what `model()` throws.
    public func writeWeights(to path: String) throws {
        try Self.write(
            path, model: try model(), configuration: configuration, state: state, moments: nil,
            validationUsage: try validationUsage())
    }

    /// The checkpoint in fairseq's terms.
    /// - Parameter hash: of the file, to be noted in the new one.
    /// - Returns: what is to be written, and a line for each thing that fairseq cannot express.
    /// - Throws: `FairseqConfigurationError` for a model that fairseq does not have; what `model()` throws.
    public func fairseqExport(hash: String) throws -> (export: FairseqExport, notes: [String]) {
        let (closest, notes) = try FairseqConfiguration.closest(to: configuration.model)
        var export = FairseqExport(
            model: try FairseqConfiguration.fields(closest), sampleRate: configuration.data.sampleRate,
            maxSampleSize: configuration.data.maxSampleSize, updates: state.update,
            tensors: try model().fairseqTensors,
            provenance: [
                "program": Self.programVersion, "checkpoint_sha256": hash,
                "configuration": try configuration.json(),
            ])
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
