import Fairseq
import Foundation
import Layers
import ONNXFiles
import SwiftProtobuf
import TestSupport
import Testing
import VQWav2Vec

/// The structure of the files; what they compute is compared in onnxruntime by Tests/Interop.
@Suite struct ONNXExportTests {
    private func small(_ kind: QuantizerConfiguration.Kind) -> ModelConfiguration {
        var model = ModelConfiguration()
        model.encoder.layers = [
            ConvolutionLayer(8, 10, 5), ConvolutionLayer(8, 4, 2), ConvolutionLayer(12, 2, 3),
        ]
        model.encoder.skipConnections = true
        model.aggregator.layers = [ConvolutionLayer(12, 3, 1)]
        model.quantizer.kind = kind
        model.quantizer.variables = 6
        return model
    }

    private func written(_ model: ModelConfiguration) throws -> ONNXModelProto {
        let folder = try TemporaryFolder()
        try ONNXExport(model, tensors: try Model(model).fairseqTensors).write(
            folder.file("m.onnx"), program: "test", sampleRate: 16_000, metadata: ["checkpoint_sha256": "0f"])
        return try ONNXModelProto(serializedBytes: folder.read("m.onnx"))
    }

    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func theGraphIsClosed(_ kind: QuantizerConfiguration.Kind) throws {
        let model = small(kind)
        let file = try written(model)
        #expect(
            file.irVersion == 8 && file.opsetImport.map(\.version) == [17]
                && file.opsetImport[0].domain.isEmpty)
        let graph = file.graph
        // Every value is defined once, before it is used.
        var known = Set(graph.input.map(\.name))
        for tensor in graph.initializer { #expect(known.insert(tensor.name).inserted, "\(tensor.name)") }
        for node in graph.node {
            #expect(known.isSuperset(of: node.input), "\(node.name)")
            for value in node.output { #expect(known.insert(value).inserted, "\(value)") }
        }
        #expect(graph.input.map(\.name) == ["waveform"] && graph.output.map(\.name) == ["ids"])
        #expect(known.contains("ids"))
        let (input, output) = (graph.input[0].type.tensorType, graph.output[0].type.tensorType)
        #expect(input.elemType == .float && output.elemType == .int64)
        #expect(input.shape.dim.map(\.value) == [.dimValue(1), .dimParam("samples")])
        #expect(output.shape.dim.map(\.value) == [.dimParam("frames"), .dimValue(2)])
        // One layer of three keeps its width.
        #expect(graph.node.count { $0.opType == "Slice" } == 2)
        #expect(graph.node.count { $0.opType == "Conv" } == (kind == .kmeans ? 4 : 3))
        let strides = graph.node.compactMap { $0.attribute.first { $0.name == "strides" }?.ints }
        #expect(strides == [[5], [2], [3]])
    }

    @Test func weightsAreThoseOfTheModel() throws {
        let model = small(.gumbel)
        let constants = Dictionary(
            uniqueKeysWithValues: try written(model).graph.initializer.map { ($0.name, $0) })
        for constant in constants.values {
            let width = constant.dataType == .float ? 4 : 8
            #expect(constant.rawData.count == width * constant.dims.reduce(1) { $0 * Int($1) })
        }
        let used = try Model(model).parameters.filter {
            $0.name.hasPrefix("feature_extractor.") || $0.name.contains("weight_proj")
        }
        #expect(used.count == 3 * 3 + 4)
        for parameter in used {
            let tensor = try #require(constants[parameter.name])
            let values = parameter.toFairseq(parameter.variable.value).values
            #expect(tensor.rawData == values.withUnsafeBytes { Data($0) })
        }
        // The codebook does not take part in the choice.
        #expect(constants["vector_quantizer.vars"] == nil)
    }

    /// −2·E and ‖E‖² of each group's codewords, from one codebook for all groups or one each.
    @Test(arguments: [true, false])
    func codewordsOfKMeans(shared: Bool) throws {
        var model = small(.kmeans)
        model.quantizer.combineGroups = shared
        let constants = try written(model).graph.initializer
        let codewords = try #require(constants.first { $0.name == "codewords" })
        let norms = try #require(constants.first { $0.name == "squared_norms" })
        #expect(codewords.dims == [2, 6, 6] && norms.dims == [2, 1, 6])
        let (products, squares) = (floats(codewords), floats(norms))
        // Ours: [G', V, d].
        let book = try #require(try Model(model).quantizer).codebook.variable.value.values
        for group in 0..<2 {
            for codeword in 0..<6 {
                let row = ((shared ? 0 : group) * 6 + codeword) * 6
                var norm: Float = 0
                for axis in 0..<6 {
                    #expect(products[(group * 6 + axis) * 6 + codeword] == -2 * book[row + axis])
                    norm += book[row + axis] * book[row + axis]
                }
                #expect(abs(squares[group * 6 + codeword] - norm) < 1e-6)
            }
        }
    }

    private func floats(_ tensor: ONNXTensorProto) -> [Float] {
        tensor.rawData.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    @Test func metadata() throws {
        let file = try written(small(.kmeans))
        let entries = Dictionary(uniqueKeysWithValues: file.metadataProps.map { ($0.key, $0.value) })
        #expect(
            entries == [
                "checkpoint_sha256": "0f", "sample_rate": "16000", "samples_per_frame": "30",
                "frame_rate": "533.3333333333334", "receptive_field": "35", "groups": "2", "codewords": "6",
            ])
        #expect(file.producerName == "test" && file.docString.contains("at 16000 Hz, at least 35 samples"))
    }

    @Test func modelsThatCannotBe() throws {
        let plain = small(.none)
        #expect(
            message { _ = try ONNXExport(plain, tensors: Model(plain).fairseqTensors) }.contains(
                "no quantizer"))
        let huge = FairseqTensor(name: "feature_extractor.x", shape: [1 << 29]) { [] }
        #expect(message { _ = try ONNXExport(small(.gumbel), tensors: [huge]) }.contains("at most 2 GB"))
    }
}
