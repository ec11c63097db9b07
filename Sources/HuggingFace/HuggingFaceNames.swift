/// The names of tensors: Hugging Face's of `Wav2Vec2ForPreTraining` and of models that were made from it, old and new
/// ones of the weight norm, in fairseq's terms.
struct HuggingFaceNames {
    /// Where a norm of the extractor stands in fairseq's block.
    private let extractorNorm: String

    /// - Parameter normsFrames: whether the extractor has layer norms.
    init(normsFrames: Bool) { extractorNorm = normsFrames ? "2.1" : "2" }

    /// - Returns: nil for a tensor that the model has not, such as one of a head for a task.
    func fairseq(_ name: String) -> String? {
        let inner = name.hasPrefix("wav2vec2.") ? String(name.dropFirst("wav2vec2.".count)) : name
        let parts = inner.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if inner == "masked_spec_embed" { return "mask_emb" }
        if inner == "quantizer.codevectors" { return "quantizer.vars" }
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
        return Self.replaced(inner, Self.whole)
    }

    private static func replaced(_ name: String, _ prefixes: [(theirs: String, fairseq: String)]) -> String? {
        prefixes.first { name.hasPrefix($0.theirs) }.map { $0.fairseq + name.dropFirst($0.theirs.count) }
    }

    private static let layer = [
        ("attention.", "self_attn."), ("layer_norm.", "self_attn_layer_norm."),
        ("feed_forward.intermediate_dense.", "fc1."), ("feed_forward.output_dense.", "fc2."),
        ("final_layer_norm.", "final_layer_norm."),
    ]

    private static let positions = "encoder.pos_conv_embed.conv."

    private static let whole = [
        ("feature_projection.layer_norm.", "layer_norm."),
        ("feature_projection.projection.", "post_extract_proj."),
        (positions + "parametrizations.weight.original0", "encoder.pos_conv.0.weight_g"),
        (positions + "parametrizations.weight.original1", "encoder.pos_conv.0.weight_v"),
        (positions, "encoder.pos_conv.0."),
        ("encoder.layer_norm.", "encoder.layer_norm."), ("quantizer.weight_proj.", "quantizer.weight_proj."),
        ("project_q.", "project_q."), ("project_hid.", "final_proj."),
    ]
}
