import Fairseq
import Files
import Layers
import TensorFiles
import VQWav2Vec
import Wav2Vec2

extension Checkpoint {
    /// The checkpoint in fairseq's terms.
    /// - Parameter provenance: to be noted in the new file.
    /// - Returns: what is to be written, which is nothing that the file does not say, and a line for each thing that
    ///   fairseq cannot express or that it would have to be told.
    /// - Throws: `FairseqConfigurationError` for a model that fairseq does not have, `CheckpointError` for one that it could
    ///   not load, what `model()` throws.
    public func fairseqExport(_ provenance: Provenance) throws -> (export: FairseqExport, notes: [String]) {
        guard configuration.hubert == nil else {
            throw unsuitable(
                "fairseq loads HuBERT with the labels of its training alone: write safetensors, or hf for transformers"
            )
        }
        return try configuration.wav2vec2 == nil ? vqWav2VecExport(provenance) : wav2vec2Export(provenance)
    }

    private func wav2vec2Export(_ provenance: Provenance) throws -> (FairseqExport, [String]) {
        guard !isFineTuned, let model = configuration.wav2vec2 else {
            throw unsuitable(
                "fairseq loads no model of wav2vec 2.0 whose quantizer fine-tuning took away: write safetensors, or hf "
                    + "for transformers")
        }
        let (closest, notes) = FairseqConfiguration.closest(to: model)
        var export = try export(
            .wav2vec2, FairseqConfiguration.fields(closest), wav2vec2Model().fairseqTensors, provenance)
        export.normalizesWaveforms = closest.extractor.normalizesWaveforms
        export.criterion.logKeys = Self.logKeys
        guard says("loss", "penalty_weight") else { return (export, notes + [unknownWeight]) }
        export.criterion.lossWeights = FairseqConfiguration.lossWeights(closest)
        return (export, notes)
    }

    private func vqWav2VecExport(_ provenance: Provenance) throws -> (FairseqExport, [String]) {
        let (closest, notes) = try FairseqConfiguration.closest(to: configuration.model)
        var export = try export(
            .wav2vec, FairseqConfiguration.fields(closest), model().fairseqTensors, provenance)
        let (weight, key): (Double, String)
        switch closest.quantizer.kind {
        case .none: return (export, notes)
        case .kmeans: (weight, key) = (configuration.loss.kmeansWeight, "kmeans_weight")
        case .gumbel:
            (weight, key) = (configuration.loss.diversityWeight, "diversity_weight")
            export.criterion.logKeys = Self.logKeys
        }
        guard says("loss", key) else { return (export, notes + [unknownWeight]) }
        export.criterion.lossWeights = closest.quantizer.kind == .gumbel && weight == 0 ? nil : [weight]
        return (export, notes)
    }

    private func export(
        _ architecture: FairseqExport.Architecture, _ fields: JSONObject, _ tensors: [FairseqTensor],
        _ provenance: Provenance
    ) throws -> FairseqExport {
        FairseqExport(
            architecture, model: fields, sampleRate: configuration.data.sampleRate,
            maxSampleSize: says("data", "max_sample_size") ? configuration.data.maxSampleSize : nil,
            updates: updates, tensors: tensors, provenance: try notes(provenance))
    }

    private static let logKeys = ["prob_perplexity", "code_perplexity", "temp"]

    private var unknownWeight: String {
        "\(path) does not say the weight of the quantizer's loss: to train the model further with fairseq, give it "
            + "criterion.loss_weights"
    }
}
