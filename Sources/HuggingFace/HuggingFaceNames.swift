/// The names of tensors: Hugging Face's of `Wav2Vec2ForPreTraining`, of models that were made from it and of HuBERT's, old
/// and new ones of the weight norm, in fairseq's terms.
struct HuggingFaceNames {
    /// Where a norm of the extractor stands in fairseq's block.
    private let extractorNorm: String

    /// - Parameter normsFrames: whether the extractor has layer norms.
    init(normsFrames: Bool) { extractorNorm = normsFrames ? "2.1" : "2" }

    /// Before the names of the model in one with a head.
    private static let prefixes = ["wav2vec2.", "hubert."]

    /// - Returns: nil for a tensor that the model has not, such as one of a head for a task.
    func fairseq(_ name: String) -> String? {
        let prefix = Self.prefixes.first(where: name.hasPrefix) ?? ""
        let inner = String(name.dropFirst(prefix.count))
        let parts = inner.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if let name = Self.single.first(where: { $0.theirs == inner }) { return name.fairseq }
        if parts.count > 3, inner.hasPrefix("feature_extractor.conv_layers.") {
            let place: String
            switch parts[3] {
            case "conv": place = "0"
            case "layer_norm": place = extractorNorm
            default: return nil
            }
            return (parts[..<3] + [place] + parts[4...]).joined(separator: ".")
        }
        if parts.count > 4, inner.hasPrefix("encoder.layers.") {
            let (layer, rest) = (parts[..<3].joined(separator: "."), parts[3...].joined(separator: "."))
            return Self.replaced(rest, Self.layer).map { "\(layer).\($0)" }
        }
        return Self.replaced(inner, Self.whole + Self.head)
    }

    /// Hugging Face's name of a tensor: of the weight norm the old one, which every version of transformers reads.
    /// - Parameter prefix: before the names of what a model without a head has too.
    /// - Returns: nil for a tensor that it has no place for.
    func huggingFace(_ name: String, prefix: String) -> String? {
        if let name = Self.single.first(where: { $0.fairseq == name }) {
            return name.theirs.hasPrefix("quantizer.") ? name.theirs : prefix + name.theirs
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if name.hasPrefix("feature_extractor.conv_layers."), let last = parts.last {
            let place = parts.dropFirst(3).dropLast().joined(separator: ".")
            guard place == "0" || place == extractorNorm else { return nil }
            return prefix
                + (parts[..<3] + [place == "0" ? "conv" : "layer_norm", last]).joined(separator: ".")
        }
        func replaced(_ name: String, _ prefixes: [(theirs: String, fairseq: String)]) -> String? {
            prefixes.last { name.hasPrefix($0.fairseq) }.map { $0.theirs + name.dropFirst($0.fairseq.count) }
        }
        if parts.count > 4, name.hasPrefix("encoder.layers.") {
            return replaced(parts[3...].joined(separator: "."), Self.layer).map {
                prefix + parts[..<3].joined(separator: ".") + "." + $0
            }
        }
        return replaced(name, Self.head) ?? replaced(name, Self.whole).map { prefix + $0 }
    }

    /// Whether a tensor of fairseq's name belongs to what pre-training adds.
    func isOfHead(_ name: String) -> Bool {
        name.hasPrefix("quantizer.") || Self.head.contains { name.hasPrefix($0.fairseq) }
    }

    private static func replaced(_ name: String, _ prefixes: [(theirs: String, fairseq: String)]) -> String? {
        prefixes.first { name.hasPrefix($0.theirs) }.map { $0.fairseq + name.dropFirst($0.theirs.count) }
    }

    private static let single: [(theirs: String, fairseq: String)] = [
        ("masked_spec_embed", "mask_emb"), ("quantizer.codevectors", "quantizer.vars"),
    ]

    private static let layer: [(theirs: String, fairseq: String)] = [
        ("attention.", "self_attn."), ("layer_norm.", "self_attn_layer_norm."),
        ("feed_forward.intermediate_dense.", "fc1."), ("feed_forward.output_dense.", "fc2."),
        ("final_layer_norm.", "final_layer_norm."),
    ]

    private static let positions = "encoder.pos_conv_embed.conv."

    private static let whole: [(theirs: String, fairseq: String)] = [
        ("feature_projection.layer_norm.", "layer_norm."),
        ("feature_projection.projection.", "post_extract_proj."),
        (positions + "parametrizations.weight.original0", "encoder.pos_conv.0.weight_g"),
        (positions + "parametrizations.weight.original1", "encoder.pos_conv.0.weight_v"),
        (positions, "encoder.pos_conv.0."),
        ("encoder.layer_norm.", "encoder.layer_norm."),
    ]

    /// What pre-training adds.
    private static let head: [(theirs: String, fairseq: String)] = [
        ("quantizer.weight_proj.", "quantizer.weight_proj."),
        ("project_q.", "project_q."), ("project_hid.", "final_proj."),
    ]
}
