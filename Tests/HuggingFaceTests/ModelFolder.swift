import Foundation
import TensorFiles
import TestSupport

/// A folder of Hugging Face that transformers wrote, to be written again in other forms.
struct ModelFolder {
    struct Entry {
        var name: String
        let shape: [Int]
        let values: [Float]
    }

    private let folder: TemporaryFolder
    var path: String { folder.path }
    /// Of `config.json`.
    var fields: [String: JSONValue]
    /// Of `preprocessor_config.json`; nil for no such file.
    var input: [String: JSONValue]?
    var tensors: [Entry]

    /// The BASE model in small.
    static let original = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Wav2Vec2Tests/Cases/p01_base/hf").path

    init() throws {
        folder = try TemporaryFolder()
        func read(_ name: String) throws -> [String: JSONValue] {
            try JSONDecoder().decode(
                [String: JSONValue].self,
                from: Data(contentsOf: URL(fileURLWithPath: Self.original + "/" + name)))
        }
        (fields, input) = (try read("config.json"), try read("preprocessor_config.json"))
        let file = try SafetensorsFile(path: Self.original + "/model.safetensors")
        tensors = try file.names.map {
            Entry(name: $0, shape: try file.entry($0).shape, values: try file.floats($0))
        }
    }

    func writeDescription() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        try folder.write([UInt8](encoder.encode(fields)), to: "config.json")
        if let input { try folder.write([UInt8](encoder.encode(input)), to: "preprocessor_config.json") }
    }

    func write(_ text: String, to name: String) throws { try folder.write(text, to: name) }

    func writeSafetensors(_ name: String = "model.safetensors", _ tensors: [Entry]? = nil) throws {
        try SafetensorsWriter.write(
            folder.file(name),
            tensors: (tensors ?? self.tensors).map { tensor in
                SafetensorsTensor(name: tensor.name, dtype: .float32, shape: tensor.shape) { emit in
                    try tensor.values.withUnsafeBytes { try emit($0) }
                }
            }, metadata: ["format": "pt"])
    }

    func writeTorch(_ name: String = "pytorch_model.bin", _ tensors: [Entry]? = nil) throws {
        let tensors = tensors ?? self.tensors
        let state = Pickled.ordered(
            tensors.enumerated().map { index, tensor in
                let strides = tensor.shape.indices.map { tensor.shape[($0 + 1)...].reduce(1, *) }
                return (
                    tensor.name,
                    .tensor(
                        "FloatStorage", key: "\(index)", count: tensor.values.count, shape: tensor.shape,
                        strides: strides)
                )
            })
        let storages = tensors.enumerated().map { FakeStorage("\($0)", floats: $1.values) }
        try folder.write(TorchFiles.zip(state.pickle, storages), to: name)
    }

    /// Every other tensor in another file, and an index.
    func writeParts(of name: String, _ write: (String, [Entry]) throws -> Void) throws {
        let parts = (0..<2).map { part in tensors.enumerated().filter { $0.offset % 2 == part }.map(\.element)
        }
        let files = (0..<2).map { "part-\($0 + 1)-of-2-\(name)" }
        for (file, part) in zip(files, parts) { try write(file, part) }
        let map = zip(files, parts).flatMap { file, part in part.map { "\"\($0.name)\": \"\(file)\"" } }
        try self.write(
            "{\"metadata\": {}, \"weight_map\": {\(map.joined(separator: ", "))}}", to: name + ".index.json")
    }
}
