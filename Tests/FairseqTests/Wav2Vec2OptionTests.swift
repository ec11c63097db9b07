import Fairseq
import TensorFiles
import Testing
import Wav2Vec2

/// Every field of fairseq's `Wav2Vec2Config` that says what is pre-trained is read, or refused by name.
@Suite struct Wav2Vec2OptionTests {
    private static func read(_ field: String, _ value: JSONValue) throws -> Wav2Vec2Configuration {
        var fields = JSONObject()
        fields[field] = value
        return try FairseqConfiguration.wav2vec2(fields)
    }

    @Test(arguments: [
        ("extractor_mode", JSONValue.string("layer_norm")), ("encoder_layers", .integer(3)),
        ("encoder_embed_dim", .integer(96)), ("encoder_ffn_embed_dim", .integer(96)),
        ("encoder_attention_heads", .integer(3)), ("activation_fn", .string("relu")),
        ("dropout", .number(0.3)), ("attention_dropout", .number(0.3)), ("activation_dropout", .number(0.3)),
        ("encoder_layerdrop", .number(0.3)), ("dropout_input", .number(0.3)),
        ("dropout_features", .number(0.3)), ("final_dim", .integer(96)), ("layer_norm_first", .boolean(true)),
        ("conv_feature_layers", .string("[(512, 10, 5)]")), ("conv_bias", .boolean(true)),
        ("logit_temp", .number(0.3)), ("quantize_targets", .boolean(true)),
        ("quantize_input", .boolean(true)), ("same_quantizer", .boolean(true)),
        ("target_glu", .boolean(true)),
        ("feature_grad_mult", .number(0.3)), ("quantizer_depth", .integer(2)),
        ("quantizer_factor", .integer(2)), ("latent_vars", .integer(96)), ("latent_groups", .integer(1)),
        ("latent_dim", .integer(96)), ("latent_temp", .array([.number(3), .number(0.5), .number(0.9)])),
        ("mask_length", .integer(5)), ("mask_prob", .number(0.3)), ("mask_selection", .string("poisson")),
        ("mask_other", .number(0.3)), ("no_mask_overlap", .boolean(true)), ("mask_min_space", .integer(2)),
        ("mask_dropout", .number(0.3)), ("mask_channel_length", .integer(5)),
        ("mask_channel_prob", .number(0.3)), ("mask_channel_before", .boolean(true)),
        ("mask_channel_selection", .string("normal")), ("mask_channel_other", .number(0.3)),
        ("no_mask_channel_overlap", .boolean(true)), ("mask_channel_min_space", .integer(2)),
        ("num_negatives", .integer(5)), ("negatives_from_everywhere", .boolean(true)),
        ("cross_sample_negatives", .integer(5)), ("codebook_negatives", .integer(5)),
        ("conv_pos", .integer(5)), ("conv_pos_groups", .integer(4)),
    ])
    func isRead(field: String, value: JSONValue) throws {
        let changed = try Self.read(field, value)
        #expect(try changed != FairseqConfiguration.wav2vec2(JSONObject()))
    }

    @Test(arguments: [
        ("layer_type", JSONValue.string("conformer")), ("layer_type", .string("trf_adp")),
        ("pos_conv_depth", .integer(2)), ("conv_pos_batch_norm", .boolean(true)),
        ("crop_seq_to_multiple", .integer(2)), ("require_same_masks", .boolean(false)),
        ("adp_num", .integer(3)), ("attn_type", .string("espnet")), ("pos_enc_type", .string("rel_pos")),
        ("quantizer_type", .string("kmeans")), ("learnable_masks", .boolean(true)),
    ])
    func isRefusedByName(field: String, value: JSONValue) throws {
        let error = #expect(throws: FairseqConfigurationError.self) { try Self.read(field, value) }
        #expect(try #require(error).description.contains(field))
    }
}
