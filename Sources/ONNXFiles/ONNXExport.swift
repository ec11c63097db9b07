import Fairseq
import Files
import Foundation
import Layers
import SwiftProtobuf
import VQWav2Vec
import Wav2Vec2

/// The part of a model that tokenizes, as an ONNX file: `waveform` [1, samples] float32 in, `ids`
/// [frames, G] int64 out, any number of samples from the receptive field on.
///
/// Operators of ONNX's own set, version 17. Values are [1, C, T], as fairseq has them.
public struct ONNXExport {
    private let graph: ONNXGraph
    private let model: any UnitModelConfiguration
    private let size: CodebookSize

    /// Builds the graph of vq-wav2vec.
    /// - Throws: `ONNXError` for a model without quantizer or of more than two gigabytes.
    public init(_ model: ModelConfiguration, tensors: [FairseqTensor]) throws {
        guard !model.quantizesContext else { throw ONNXError.quantizedContext }
        try self.init(
            model, name: "vq-wav2vec", tensors: tensors,
            prefixes: ["feature_extractor.", "vector_quantizer."]
        ) { try $0.ids($1, of: model) }
    }

    /// Builds the graph of wav2vec 2.0.
    /// - Throws: as above.
    public init(_ model: Wav2Vec2Configuration, tensors: [FairseqTensor]) throws {
        try self.init(
            model, name: "wav2vec 2.0", tensors: tensors,
            prefixes: ["feature_extractor.", "layer_norm.", "quantizer."]
        ) { try $0.ids($1, of: model) }
    }

    /// - Parameters:
    ///   - prefixes: of the tensors that are used.
    ///   - ids: [frames, G] from the waveform [1, N], named `ids`.
    private init(
        _ model: any UnitModelConfiguration, name: String, tensors: [FairseqTensor], prefixes: [String],
        ids: (inout ONNXNetwork, ONNXGraph.Value) throws -> ONNXGraph.Value
    ) throws {
        guard let size = model.codebookSize else { throw ONNXError.noQuantizer }
        let used = tensors.filter { tensor in prefixes.contains { tensor.name.hasPrefix($0) } }
        // A protobuf message has at most 2³¹ − 1 bytes; codewords may be written once for each group.
        let codewords = used.filter { $0.name.hasSuffix(".embedding") }.reduce(0) { $0 + $1.count }
        let bytes = 4 * (used.reduce(0) { $0 + $1.count } + size.groups * codewords)
        guard bytes < 2_000_000_000 else {
            throw ONNXError.tooLarge(megabytes: bytes / 1_000_000)
        }
        (self.model, self.size) = (model, size)
        var network = ONNXNetwork(name: "\(name) tokenizer", tensors: used)
        let waveform = network.graph.input("waveform", .float, shape: [.fixed(1), .named("samples")])
        network.graph.output(
            try ids(&network, waveform), .int64, shape: [.named("frames"), .fixed(size.groups)])
        graph = network.graph
    }

    /// - Parameters:
    ///   - program: who writes the file.
    ///   - sampleRate: of the waveforms, in Hz.
    ///   - metadata: entries beside those that follow from the model.
    /// - Throws: `FileError` where the file cannot be written; it appears whole or not at all.
    public func write(_ path: String, program: String, sampleRate: Int, metadata: [String: String]) throws {
        var message = ONNXModelProto()
        message.irVersion = 8
        var operators = ONNXOperatorSetIdProto()
        operators.version = 17
        message.opsetImport = [operators]
        message.producerName = program
        message.docString =
            "waveform [1, samples]: float32 in [-1, 1] at \(sampleRate) Hz, at least \(model.receptiveField) samples. "
            + "ids [frames, \(size.groups)]: from 0 to \(size.variables - 1)."
        message.graph = graph.message
        let timing = model.timing(of: .z, sampleRate: sampleRate)
        var entries = metadata
        entries["sample_rate"] = "\(sampleRate)"
        entries["frame_rate"] = "\(timing.rate)"
        entries["samples_per_frame"] = "\(timing.hop)"
        entries["receptive_field"] = "\(model.receptiveField)"
        entries["groups"] = "\(size.groups)"
        entries["codewords"] = "\(size.variables)"
        message.metadataProps = entries.sorted { $0.key < $1.key }.map { key, value in
            var entry = ONNXStringStringEntryProto()
            (entry.key, entry.value) = (key, value)
            return entry
        }
        try AtomicFile.write(try message.serializedData(), to: path)
    }
}

/// A model that cannot be written as ONNX, and why.
public enum ONNXError: Error, Equatable {
    case noQuantizer
    case quantizedContext
    case tooLarge(megabytes: Int)
    case missing(tensor: String)
}

extension ONNXError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noQuantizer: "\(ModelError.noQuantizer): there is nothing to export to ONNX"
        case .quantizedContext:
            "ids of a model with quantizer.position = aggregator cannot be exported to ONNX; use quantize"
        case .tooLarge(let megabytes):
            "an ONNX file holds at most 2 GB, the encoder has \(megabytes) MB; use safetensors"
        case .missing(let tensor): "the model has no tensor \(tensor)"
        }
    }
}
