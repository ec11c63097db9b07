import Fairseq
import TensorFiles
import TestSupport
import Testing
import Wav2Vec2

/// What a `.pt` file says of a model of wav2vec 2.0, pre-trained or fine-tuned; tensors are none of it.
@Suite struct Wav2Vec2CheckpointTests {
    let folder: TemporaryFolder
    let tiny: TinyCheckpoint

    init() throws {
        folder = try TemporaryFolder()
        tiny = try TinyCheckpoint()
    }

    private static let model: [(String, Pickled)] = [
        ("_name", .text("wav2vec2")), ("conv_feature_layers", .text("[(8, 10, 5)] + [(8, 3, 2)] * 2")),
        ("encoder_layers", .integer(2)), ("encoder_embed_dim", .integer(16)),
        ("encoder_attention_heads", .integer(2)), ("conv_pos_groups", .integer(2)),
        ("quantize_targets", .boolean(true)), ("extractor_mode", .text("layer_norm")),
    ]
    private static let whole: [(String, Pickled)] = [
        ("model", .dictionary(model)),
        ("task", .dictionary([("normalize", .boolean(true)), ("sample_rate", .integer(8000))])),
        ("criterion", .dictionary([("loss_weights", .list([.number(0.2), .integer(3)]))])),
    ]

    private func open(_ root: [(String, Pickled)]) throws -> FairseqCheckpoint {
        try FairseqCheckpoint(path: folder.write(tiny.zip(root + [("model", tiny.state)]), to: "model.pt"))
    }

    private func check(_ file: FairseqCheckpoint) throws {
        let model = try #require(file.wav2vec2)
        #expect(model.extractor.layers == [.init(8, 10, 5), .init(8, 3, 2), .init(8, 3, 2)])
        #expect(model.transformer.width == 16 && model.quantizer.targets)
        #expect(model.extractor.norm == .layer && model.extractor.normalizesWaveforms)
        #expect(model.extractor.normalizationEpsilon == 1e-5)
        #expect(file.sampleRate == 8000)
    }

    @Test func pretrained() throws {
        let file = try open([("args", .none), ("cfg", .dictionary(Self.whole))])
        try check(file)
        #expect(file.wav2vec2?.loss == Wav2Vec2Losses(diversityWeight: 0.2, penaltyWeight: 3))
    }

    /// In the configuration of today or of 2020, beside a head that is not looked at.
    @Test func fineTunedModelsAreWhatTheyBeganAs() throws {
        let flat =
            Self.model.dropFirst() + [
                ("arch", .text("wav2vec2")), ("normalize", .boolean(true)), ("sample_rate", .integer(8000)),
            ]
        for beginning in [
            Pickled.dictionary(Self.whole),
            .call("argparse", "Namespace", [], state: .dictionary(Array(flat))),
        ] {
            let head: [(String, Pickled)] = [
                ("_name", .text("wav2vec_ctc")), ("arch", .text("wav2vec_ctc")),
                ("w2v_path", .text("base.pt")), ("w2v_args", beginning),
            ]
            try check(open([("args", .none), ("cfg", .dictionary([("model", .dictionary(head))]))]))
            try check(
                open([("args", .call("argparse", "Namespace", [], state: .dictionary(head)))]))
        }
    }

    @Test func refusals() throws {
        func text(_ model: [(String, Pickled)]) -> String {
            message { _ = try open([("cfg", .dictionary([("model", .dictionary(model))]))]) }
        }
        #expect(
            text([("_name", .text("wav2vec_ctc")), ("w2v_path", .text("base.pt")), ("w2v_args", .none)])
                .contains("does not hold the configuration of the one that it was made from (w2v_args)"))
        #expect(
            text([
                ("_name", .text("wav2vec_ctc")), ("w2v_path", .text("base.pt")),
                ("w2v_args", .dictionary([("model", .dictionary([("_name", .text("data2vec_audio"))]))])),
            ]).contains("is a checkpoint of data2vec"))
        #expect(
            text(Self.model + [("layer_type", .text("conformer"))])
                .contains("fairseq's layer_type = \"conformer\" is not supported"))
        #expect(
            text(Self.model + [("encoder_layers", .integer(5000))]).contains("million weights"))
    }
}
