import Fairseq
import Foundation
import TensorFiles
import TestSupport
import Testing
import VQWav2Vec

/// Which model a `.pt` file holds, however it was stored.
@Suite struct FairseqCheckpointTests {
    let folder: TemporaryFolder
    var tiny: TinyCheckpoint

    init() throws {
        folder = try TemporaryFolder()
        tiny = try TinyCheckpoint()
    }

    private func open(_ bytes: [UInt8]) throws -> FairseqCheckpoint {
        try FairseqCheckpoint(path: folder.write(bytes, to: "model.pt"))
    }

    private func refusal(_ bytes: [UInt8]) throws -> String {
        let text = message { _ = try open(bytes) }
        #expect(
            text.hasPrefix(folder.file("model.pt")) && !text.contains("\n") && text.count < 500, "\(text)")
        return String(text.dropFirst(folder.file("model.pt").count))
    }

    /// All tensors are there, with their values.
    private func check(_ file: FairseqCheckpoint) throws {
        #expect(file.names == tiny.tensors.map(\.name))
        for (index, name) in file.names.enumerated() {
            let count = try file.shape(of: name).reduce(1, *)
            var values = [Float](repeating: .nan, count: count)
            try values.withUnsafeMutableBufferPointer { try file.read(name, into: $0) }
            #expect(values == (0..<count).map { Float(100 * index + $0) }, "\(name)")
        }
        #expect(file.model.quantizer.kind == .gumbel && file.model.quantizer.variables == 3)
        #expect(file.model.encoder.layers == [.init(4, 3, 2)])
    }

    @Test func bothStylesAndSerializations() throws {
        for (bytes, serialization) in [
            (tiny.zip(tiny.args), "zip serialisation"), (tiny.legacy(tiny.args), "legacy serialisation"),
        ] {
            let file = try open(bytes)
            try check(file)
            #expect(file.style == .args && file.serialization == serialization)
            #expect(file.sampleRate == 16_000 && file.updates == nil && !file.model.prediction.infoNCE)
        }
        for bytes in [tiny.zip(tiny.cfg), tiny.legacy(tiny.cfg)] {
            let file = try open(bytes)
            try check(file)
            #expect(file.style == .cfg && file.sampleRate == 8000)
        }
        let converted: [(String, Pickled)] = [
            ("task_cfg", .dictionary([("sample_rate", .integer(8000))])),
            ("model_cfg", .dictionary(tiny.fields)), ("model_weight", tiny.state),
        ]
        let file = try open(tiny.zip(converted))
        try check(file)
        #expect(file.style == .s3prl && file.sampleRate == 8000)
        let args = tiny.args + [("cfg", .dictionary([]))]
        #expect(try open(tiny.zip(args)).style == .args, "as fairseq: args before cfg")
    }

    @Test func omegaconf() throws {
        func node(_ value: Pickled) -> Pickled {
            let state: [(String, Pickled)] = [
                ("_metadata", .call("omegaconf.base", "Metadata", [], state: .dictionary([("key", .none)]))),
                ("_parent", .raw(Array("h\u{1}".utf8))), ("_val", value),
            ]
            return .call("omegaconf.nodes", "AnyNode", [], state: .dictionary(state))
        }
        func container(_ content: [(String, Pickled)]) -> Pickled {
            let state: [(String, Pickled)] = [
                ("_parent", .raw(Array("h\u{1}".utf8))), ("_content", .dictionary(content)),
            ]
            return .call("omegaconf.dictconfig", "DictConfig", [], state: .dictionary(state))
        }
        let fields = tiny.fields.map {
            ($0.0, node($0.0 == "infonce" ? .text("${criterion.infonce}") : $0.1))
        }
        let cfg = container([
            ("model", container(fields)), ("criterion", container([("infonce", node(.boolean(true)))])),
            ("task", container([("sample_rate", node(.text("${other.rate}")))])),
            ("other", container([("rate", node(.integer(44_100)))])),
        ])
        // The dictionary is stored first, so that nodes can have it as a parent that leads back.
        let root = Pickled.raw(
            Array("}q\u{1}".utf8) + Array("(".utf8) + Pickled.text("cfg").opcodes + cfg.opcodes
                + Pickled.text("model").opcodes + tiny.state.opcodes + Array("u".utf8))
        let file = try open(TorchFiles.zip(root.pickle, tiny.storages))
        try check(file)
        #expect(file.model.prediction.infoNCE)
        #expect(file.sampleRate == 44_100)
    }

    @Test func referencesThatLeadNowhere() throws {
        var tiny = tiny
        for text in ["${criterion.absent}", "${model.infonce}", "${}", "${.infonce}"] {
            tiny.fields[tiny.fields.count - 1] = ("infonce", .text(text))
            #expect(try !open(tiny.zip(tiny.cfg)).model.prediction.infoNCE, "fairseq's default")
        }
    }

    @Test(arguments: ["module.", "model.", "w2v_model.", "model.module."])
    func prefixes(_ prefix: String) throws {
        var tiny = tiny
        tiny.prefix = prefix
        try check(open(tiny.zip(tiny.args)))
        let twice = Pickled.ordered(
            tiny.tensors.map { (prefix + $0.name, $0.value) }
                + tiny.tensors.map { ("other." + $0.name, $0.value) })
        let text = try refusal(tiny.zip([("args", tiny.namespace), ("model", twice)]))
        #expect(text.contains("holds more than one model, under \"\(prefix)\" and \"other.\""), "\(text)")
    }

    /// fairseq's other state is passed over, whatever it is.
    @Test func everythingElseIsLeftAlone() throws {
        let lie = Pickled.tensor("FloatStorage", key: "absent", count: 9, shape: [1 << 40], strides: [-1])
        let history = Pickled.list([
            .dictionary([("num_updates", .integer(1))]), .dictionary([("num_updates", .integer(250))]),
        ])
        let call = Pickled.call("os", "system", [.text("true")], state: nil)
        let file = try open(
            tiny.zip(
                tiny.args + [
                    ("last_optimizer_state", lie), ("optimizer_history", history), ("task_state", call),
                ]))
        try check(file)
        #expect(file.updates == 250)
    }

    @Test(arguments: [
        ("data2vec_audio", "data2vec"), ("wavlm", "WavLM"), ("av_hubert", "fairseq's model \"av_hubert\""),
        ("transformer_wmt_en_de", "fairseq's model \"transformer_wmt_en_de\""),
    ])
    func otherModelsByTheirArchitecture(_ architecture: String, _ family: String) throws {
        var tiny = tiny
        for name in ["arch", "_name"] {
            tiny.fields[0] = (name, .text(architecture))
            for root in [tiny.args, tiny.cfg] {
                #expect(
                    try refusal(tiny.zip(root)).hasPrefix(" is a checkpoint of \(family), which is not read"))
            }
        }
    }

    @Test(arguments: [
        ("data2vec_audio.encoder.layers.0.attention.k_proj.weight", "data2vec"),
        ("encoder.layers.0.self_attn.grep_linear.weight", "WavLM"),
    ])
    func otherModelsByTheirTensors(_ name: String, _ family: String) throws {
        let tensor = tiny.tensors[0].value
        let state = Pickled.ordered([("feature_extractor.conv_layers.0.conv.weight", tensor), (name, tensor)])
        for root in [
            state, .dictionary([("state_dict", state)]), .dictionary([("model", state), ("args", .none)]),
        ] {
            let text = try refusal(TorchFiles.zip(root.pickle, tiny.storages))
            #expect(text.hasPrefix(" is a checkpoint of \(family), which is not read"), "\(text)")
        }
    }

    @Test func noConfiguration() throws {
        #expect(
            try refusal(TorchFiles.zip(tiny.state.pickle, tiny.storages)).contains("has no configuration"))
        #expect(try refusal(tiny.zip([("model", tiny.state)])).contains("has no configuration"))
        #expect(
            try refusal(tiny.zip([("model", tiny.state), ("cfg", .none)])).contains("has no configuration"))
        #expect(
            try refusal(tiny.zip([("model", tiny.state), ("args", .integer(3))])).contains("no configuration")
        )
        #expect(try refusal(TorchFiles.zip(Pickled.list([]).pickle)).contains("holds no dictionary"))
        let instance = Pickled.call("fairseq.models", "Wav2VecModel", [], state: .dictionary([]))
        #expect(try refusal(TorchFiles.legacy(instance.pickle)).contains("holds no dictionary"))
    }

    @Test(arguments: [
        ("vq_vars", Pickled.text("many"), ": fairseq's vq_vars is \"many\""),
        ("vq_vars", .call("some", "Thing", [], state: nil), ": fairseq's vq_vars is {…}"),
        ("aggregator", .text("gru"), ": fairseq's GRU aggregator is not supported"),
        ("vq_groups", .integer(3), ": quantizer.groups = 3 must divide"),
        ("conv_feature_layers", .text("__import__('os')"), ": fairseq's conv_feature_layers"),
        ("conv_feature_layers", .text("[(8000, 10, 5)]"), " is damaged: its configuration calls for"),
        ("sample_rate", .integer(0), " has a sample_rate of 0"),
        ("sample_rate", .text("16k"), " has a sample_rate"),
    ])
    func aConfigurationThatCannotBe(_ name: String, _ value: Pickled, _ problem: String) throws {
        var tiny = tiny
        tiny.fields = tiny.fields.filter { $0.0 != name } + [(name, value)]
        if problem.contains("damaged") {
            tiny.fields = tiny.fields.filter { $0.0 != "conv_aggregator_layers" }
            tiny.fields.append(("conv_aggregator_layers", .text("[(8000, 2, 1)]")))
            tiny.fields.append(("vq_type", .text("none")))
        }
        let text = try refusal(tiny.zip(tiny.args))
        #expect(text.hasPrefix(problem), "\(text)")
    }

    @Test func aTensorThatCannotBe() throws {
        let name = tiny.tensors[0].name
        for value in [Pickled.none, .integer(1), .call("torch._utils", "_rebuild_tensor_v2", [], state: nil)]
        {
            let state = Pickled.ordered(tiny.tensors.map { ($0.name, $0.name == name ? value : $0.value) })
            let file = try open(tiny.zip([("args", tiny.namespace), ("model", state)]))
            let text = message { _ = try file.shape(of: name) }
            #expect(
                text.hasPrefix(file.path) && (text.contains("no tensor") || text.contains("damaged")),
                "\(text)")
        }
        let file = try open(tiny.zip(tiny.args))
        #expect(message { _ = try file.shape(of: "absent") } == "\(file.path) has no tensor \"absent\"")
        var short = [Float](repeating: 0, count: 3)
        #expect(
            message { try short.withUnsafeMutableBufferPointer { try file.read(name, into: $0) } }
                .contains("has 12 elements, not 3"))
    }

    @Test func safetensorsAreNotTakenForTorch() throws {
        // Lengths of headers whose bytes are those that torch's files begin with.
        for length in [0x0280, 0x0480] {
            let header = "{" + String(repeating: " ", count: length - 2) + "}"
            let path = try folder.write(little(UInt64(length)) + Array(header.utf8), to: "a")
            #expect(!FairseqCheckpoint.isTorchFile(path))
            #expect(try SafetensorsFile(path: path).names == [])
        }
        #expect(FairseqCheckpoint.isTorchFile(try folder.write(tiny.zip(tiny.args), to: "a")))
        #expect(FairseqCheckpoint.isTorchFile(try folder.write(tiny.legacy(tiny.args), to: "a")))
        #expect(!FairseqCheckpoint.isTorchFile(try folder.write([], to: "a")))
        #expect(!FairseqCheckpoint.isTorchFile(folder.file("absent")))
        #expect(!FairseqCheckpoint.isTorchFile(folder.path))
    }
}
