import Checkpoints
import Layers
import Tensors
import Testing

/// Checkpoints of the golden cases, `.pt` files of fairseq and folders of Hugging Face, through what the commands use.
@Suite struct CheckpointParityTests {
    @Test func everyKindIsThere() {
        #expect(
            Set(GoldenCheckpoint.all.map(\.name)).isSuperset(
                of: ["checkpoint_cfg.pt", "checkpoint_args.pt", "checkpoint_half.pt", "hf"]))
    }

    @Test(arguments: GoldenCheckpoint.all)
    func configuration(_ stored: GoldenCheckpoint) throws {
        let checkpoint = try Checkpoint(path: stored.path)
        let model = try stored.golden.model().configuration
        let read = try #require(checkpoint.configuration.wav2vec2)
        #expect(read.extractor.normalizesWaveforms == stored.golden.info.normalize)
        #expect(
            read.extractor.layers == model.extractor.layers
                && read.transformer.heads == model.transformer.heads)
        #expect(!checkpoint.hasRun && checkpoint.configuration.data.sampleRate == 16_000)
        if stored.name.hasSuffix(".pt") {
            var whole = model
            whole.extractor.normalizesWaveforms = read.extractor.normalizesWaveforms
            whole.loss = read.loss
            #expect(read == whole)
            if let weights = stored.golden.info.criterion.lossWeights {
                #expect(read.loss.penaltyWeight == weights.last)
            }
        }
    }

    /// Recording by recording, without padding: the ids of fairseq's `quantize`.
    @Test(arguments: GoldenCheckpoint.all)
    func codes(_ stored: GoldenCheckpoint) throws {
        print("wav2vec 2.0 parity, checkpoint: \(stored.testDescription)")
        let checkpoint = try Checkpoint(path: stored.path)
        guard checkpoint.configuration.units.codebookSize != nil else {
            #expect(throws: CheckpointError.self) { try checkpoint.unitModel() }
            return
        }
        let expected = try stored.golden.tensors("eval").integers("all.q_codes").map(Int32.init)
        let model = try checkpoint.unitModel()
        let size = expected.count / stored.golden.info.batch
        for (item, samples) in try stored.waveforms(for: checkpoint.configuration.wav2vec2) {
            let tokens = try model.quantize(samples)
            let codes = Array(expected[item * size..<(item + 1) * size])
            // Rounded to float16 a model may choose another codeword now and then.
            let same = zip(tokens.ids, codes).count { $0 == $1 }
            #expect(tokens.ids.count == size && same >= size * (stored.isHalf ? 95 : 100) / 100)
        }
    }

    @Test(arguments: GoldenCheckpoint.all.filter { !$0.isHalf })
    func features(_ stored: GoldenCheckpoint) throws {
        let checkpoint = try Checkpoint(path: stored.path)
        for (layer, name) in [
            (FeatureLayer.c, "all.enc_out"), (.layer(1), "all.layer_results.0"),
        ] {
            let model = try checkpoint.featureModel(layer)
            let expected = try stored.golden.tensors("eval").floats(name)
            let tolerance = try #require(stored.golden.info.tolerance["eval.\(name)"]?.atol)
            let size = expected.count / stored.golden.info.batch
            for (item, samples) in try stored.waveforms(for: checkpoint.configuration.wav2vec2) {
                let output = try samples.withUnsafeBufferPointer { try model(FrameStore(borrowing: $0)) }
                let worst = zip(output.values, expected[item * size..<(item + 1) * size]).reduce(0) {
                    max($0, abs(Double($1.0) - Double($1.1)))
                }
                #expect(output.count == size && worst <= tolerance, "\(name): off by \(worst)")
            }
        }
    }
}
