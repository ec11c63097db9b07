import Checkpoints
import Foundation
import HuggingFace
import TensorFiles
import TestSupport
import Testing

/// Folders that cannot be used, each in one line that names the file and what is wrong.
@Suite struct RefusalTests {
    var folder: ModelFolder

    init() throws {
        folder = try ModelFolder()
        try folder.writeSafetensors()
    }

    private func refusal() -> String {
        let text = message { _ = try Checkpoint(path: folder.path).unitModel() }
        #expect(
            text.hasPrefix(folder.path) && !text.contains("\n") && text.count < 300 + folder.path.count,
            "\(text)")
        return text
    }

    @Test(arguments: [
        (
            "model_type", JSONValue.string("wavlm"),
            "describes a model of type \"wavlm\", which is not read here"
        ),
        ("model_type", .string("data2vec-audio"), "\"data2vec-audio\""),
        ("model_type", .integer(3), "model_type is 3, and only text"),
        ("add_adapter", .boolean(true), "add_adapter is true, and only false"),
        ("adapter_attn_dim", .integer(16), "adapter_attn_dim is 16, and only null"),
        ("layer_norm_eps", .number(1e-3), "layer_norm_eps is 0.001, and only 1e-05"),
        ("hidden_act", .string("gelu_new"), "hidden_act is \"gelu_new\", and only gelu or relu"),
        ("feat_extract_norm", .string("batch"), "and only group or layer"),
        ("conv_dim", .array([.integer(16)]), "a list as long as conv_kernel and conv_stride"),
        ("conv_kernel", .array([.integer(-1)]), "a list of whole numbers"),
        ("num_attention_heads", .integer(5), "transformer.heads = 5 must divide"),
        ("num_hidden_layers", .integer(1 << 40), "a whole number from 0"),
        ("num_hidden_layers", .integer(3), "no tensor encoder.layers.2"),
        ("hidden_size", .integer(16), "another width than that of the last convolution"),
        (
            "num_codevectors_per_group", .integer(9),
            "has shape [1, 24, 8], the configuration calls for [1, 18, 8]"
        ),
    ])
    mutating func configuration(field: String, value: JSONValue, problem: String) throws {
        folder.fields[field] = value
        try folder.writeDescription()
        let text = message { _ = try Checkpoint(path: folder.path).featureModel(.c) }
        let ids = message { _ = try Checkpoint(path: folder.path).unitModel() }
        #expect(text.contains(problem) || ids.contains(problem), "\(text); \(ids)")
        #expect(text.hasPrefix(folder.path) || ids.hasPrefix(folder.path), "\(text); \(ids)")
    }

    @Test func files() throws {
        try folder.write("{\"model_type\": ", to: "config.json")
        #expect(refusal().contains("config.json is no JSON: it ends too early"))
        try folder.write("[]", to: "config.json")
        #expect(refusal().contains("is no object of JSON"))
        try folder.writeDescription()
        try folder.write("version https://git-lfs.github.com/spec/v1\noid 1", to: "model.safetensors")
        #expect(refusal().contains("model.safetensors is a pointer of Git LFS"))
        try FileManager.default.removeItem(atPath: folder.path + "/model.safetensors")
        #expect(refusal().contains("holds a config.json but no weights"))
        for (map, problem) in [
            ("{}", "has no weight_map"), ("{\"weight_map\": {\"a\": 1}}", "something else than files"),
            (
                "{\"weight_map\": {\"a\": \"../a.bin\"}}",
                "names a part \"../a.bin\" that is not in its folder"
            ),
            ("{\"weight_map\": {\"a\": \"absent.bin\"}}", "absent.bin"),
        ] {
            try folder.write(map, to: "pytorch_model.bin.index.json")
            #expect(refusal().contains(problem), "\(problem)")
        }
        try folder.writeTorch("pytorch_model.bin", [])
        #expect(refusal().contains("no quantizer"))
    }
}
