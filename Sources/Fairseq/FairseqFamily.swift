import Files

/// The models in files of the same kind, known by their names.
package enum FairseqFamily: Equatable {
    /// wav2vec and vq-wav2vec.
    case vqWav2Vec
    case wav2vec2
    case hubert

    /// - Parameters:
    ///   - names: of the tensors.
    ///   - architecture: fairseq's name of the model, where the file has one.
    /// - Throws: `FairseqCheckpointProblem` that says which model it is, where that is not read.
    package init(names: [String], architecture: String?) throws {
        switch Self.family(architecture) ?? Self.family(names) {
        case nil: self = .vqWav2Vec
        case Self.wav2vec2Name?: self = .wav2vec2
        case Self.hubertName?: self = .hubert
        case let family?: throw FairseqCheckpointProblem.otherModel(family)
        }
    }

    private static let (wav2vec2Name, hubertName) = ("wav2vec 2.0", "HuBERT")

    private static func family(_ architecture: String?) -> String? {
        guard let architecture, architecture != "wav2vec" else { return nil }
        let name = architecture.lowercased()
        // Not AV-HuBERT, which sees faces too.
        if name.hasPrefix("hubert") { return hubertName }
        for (part, family) in [("data2vec", "data2vec"), ("wavlm", "WavLM"), ("wav2vec", wav2vec2Name)]
        where name.contains(part) {
            return family
        }
        return "fairseq's model \(quoted(architecture))"
    }

    /// All of them have a transformer, which wav2vec has not.
    private static func family(_ names: [String]) -> String? {
        func some(_ part: String) -> Bool { names.contains { $0.contains(part) } }
        guard some("self_attn.") || some(".attention.") else { return nil }
        if some("data2vec") || some("regression_head") { return "data2vec" }
        if some("grep_linear") || some("gru_rel_pos") { return "WavLM" }
        if names.contains(where: { $0.hasPrefix("hubert.") }) || some("label_embs_concat") {
            return hubertName
        }
        return some("feature_extractor.conv_layers.")
            ? wav2vec2Name : "a transformer without an encoder of audio"
    }
}
