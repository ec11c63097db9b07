import GoldenSupport
import Layers
import Tensors
import Testing
import VQWav2Vec

/// `FeatureExtractor`, recording by recording, against the tensors that fairseq computes from the batch.
@Suite struct FeatureParityTests {
    @Test(arguments: GoldenCase.all)
    func layers(_ golden: GoldenCase) throws {
        let model = try golden.model()
        let source = try golden.tensors("inputs").tensor("source")
        let compare = try golden.comparison("eval")
        let stored = [
            (FeatureLayer.z, "z"), (.logits, "q_logits"), (.quantized, "q"), (.c, "c"),
        ]
        for (layer, name) in stored {
            // k-means has `q_ze` instead of logits, plain wav2vec neither; its `q` is z.
            let hasLayer =
                switch model.configuration.quantizer.kind {
                case .gumbel: true
                case .kmeans: layer != .logits
                case .none: layer != .logits && layer != .quantized
                }
            guard hasLayer else {
                #expect(throws: ModelError.self) { try FeatureExtractor(model, layer: layer) }
                continue
            }
            var rows: [Float] = []
            var channels = 0
            for item in 0..<golden.info.batch {
                let samples = source.values[item * source.shape[1]..<(item + 1) * source.shape[1]]
                let features = try FeatureExtractor(model, layer: layer)(Array(samples))
                channels = features.shape[1]
                #expect(features.shape[0] * channels == features.count)
                rows += features.values
            }
            let batch = golden.info.batch
            let all = Tensor(rows, shape: [rows.count / channels, channels])
            try compare.check(
                name, layer == .logits ? all : FairseqLayout.channelsFirst(rows: all, batch: batch))
        }
    }
}
