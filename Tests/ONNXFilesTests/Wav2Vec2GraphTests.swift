import Fairseq
import Foundation
import Layers
import ONNXFiles
import SwiftProtobuf
import TestSupport
import Testing
import Wav2Vec2

/// The graph of wav2vec 2.0; what it computes is compared in onnxruntime by Tests/Interop.
@Suite struct Wav2Vec2GraphTests {
    private func small(_ norm: ExtractorConfiguration.Norm) -> Wav2Vec2Configuration {
        var model = Wav2Vec2Configuration()
        model.extractor.layers = [.init(8, 10, 5), .init(8, 3, 2), .init(8, 2, 2)]
        model.extractor.norm = norm
        (model.extractor.bias, model.extractor.normalizesWaveforms) = (norm == .layer, norm == .layer)
        (model.quantizer.variables, model.quantizer.depth) = (6, norm == .layer ? 2 : 1)
        (model.transformer.layers, model.transformer.width, model.transformer.innerWidth) = (1, 48, 8)
        return model
    }

    @Test(arguments: ExtractorConfiguration.Norm.allCases)
    func theGraphIsClosed(_ norm: ExtractorConfiguration.Norm) throws {
        let (folder, model) = (try TemporaryFolder(), small(norm))
        try ONNXExport(model, tensors: Wav2Vec2Model(model).fairseqTensors).write(
            folder.file("m.onnx"), program: "test", sampleRate: 16_000, metadata: [:])
        let file = try ONNXModelProto(serializedBytes: folder.read("m.onnx"))
        let graph = file.graph
        // Every value is defined once, before it is used.
        var known = Set(graph.input.map(\.name))
        for tensor in graph.initializer { #expect(known.insert(tensor.name).inserted, "\(tensor.name)") }
        for node in graph.node {
            #expect(known.isSuperset(of: node.input), "\(node.name)")
            for value in node.output { #expect(known.insert(value).inserted, "\(value)") }
        }
        func count(_ operation: String) -> Int { graph.node.count { $0.opType == operation } }
        #expect(count("Conv") == 3 && count("LayerNormalization") == (norm == .layer ? 4 : 1))
        #expect(count("Gemm") == (norm == .layer ? 2 : 1) && count("ArgMax") == 1)
        // Means over time, of the waveform or of the first layer, are in double precision.
        #expect(count("ReduceMean") == (norm == .layer ? 2 : 4))
        // Neither transformer nor codebook take part in the choice.
        #expect(!known.contains { $0.hasPrefix("encoder.") || $0 == "quantizer.vars" })
        let entries = Dictionary(uniqueKeysWithValues: file.metadataProps.map { ($0.key, $0.value) })
        #expect(
            entries == [
                "sample_rate": "16000", "samples_per_frame": "20", "frame_rate": "800.0",
                "receptive_field": "30", "groups": "2", "codewords": "6",
            ])
    }

    @Test func modelsWithoutIDs() throws {
        var model = small(.group)
        model.quantizer.targets = false
        #expect(
            message { _ = try ONNXExport(model, tensors: Wav2Vec2Model(model).fairseqTensors) }
                .contains("no quantizer"))
    }
}
