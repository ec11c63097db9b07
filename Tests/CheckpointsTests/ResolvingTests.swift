import Checkpoints
import Foundation
import Layers
import TestSupport
import Testing
import VQWav2Vec

/// A file in a folder of its own that is removed with it.
private struct TemporaryFile {
    private let folder: TemporaryFolder
    let url: URL
    init(_ bytes: [UInt8]) throws {
        folder = try TemporaryFolder()
        url = URL(fileURLWithPath: try folder.write(bytes, to: "run.yaml"))
    }
    init(_ text: String) throws { try self.init(Array(text.utf8)) }
}

/// The message of the error that resolving throws.
private func message(_ body: () throws -> RunConfiguration) -> String {
    TestSupport.message(body)
}

private func message(settings: String...) -> String { message { try .resolve(settings: settings) } }

/// The message for a file, without the folder that the file is in.
private func message(file text: String) throws -> String {
    let file = try TemporaryFile(text)
    let folder = file.url.deletingLastPathComponent().path + "/"
    return message { try .resolve(file: file.url) }.replacingOccurrences(of: folder, with: "")
}

@Suite struct ResolvingTests {
    @Test func laterLayersWin() throws {
        let file = try TemporaryFile(
            """
            preset: ablation
            quantizer:
              kind: kmeans
              groups: 4
            optimizer.weight_decay: 1e-2
            data:            # nothing changed here
            """)
        let run = try RunConfiguration.resolve(
            file: file.url,
            settings: ["quantizer.groups=8", "training.max_updates=1e3", "loss={kmeans_weight: 2}"])
        var expected = Preset.ablation.configuration
        expected.model.quantizer.kind = .kmeans
        expected.model.quantizer.groups = 8
        expected.optimizer.weightDecay = 0.01
        expected.training.maxUpdates = 1000
        expected.loss.kmeansWeight = 2
        #expect(run == expected)
        let overruled = try RunConfiguration.resolve(preset: .fairseq, file: file.url)
        #expect(overruled.training.maxUpdates == Preset.fairseq.configuration.training.maxUpdates)
        #expect(overruled.model.quantizer.groups == 4)
    }

    @Test func withoutAnythingItIsTheSmallPreset() throws {
        #expect(try RunConfiguration.resolve() == Preset.small.configuration)
        let empty = try TemporaryFile("# nothing\n")
        #expect(try RunConfiguration.resolve(file: empty.url) == Preset.small.configuration)
    }

    @Test func listsAreSetFromTheCommandLine() throws {
        let run = try RunConfiguration.resolve(settings: ["aggregator.layers=[[128,3,1],[128,2,1]]"])
        #expect(run.model.aggregator.layers == [.init(128, 3, 1), .init(128, 2, 1)])
    }

    @Test(arguments: [
        ("quantizer.knd=gumbel", "unknown key quantizer.knd; did you mean quantizer.kind?"),
        ("kind=kmeans", "unknown key kind; did you mean quantizer.kind?"),
        ("quantiser.kind=kmeans", "unknown key quantiser; did you mean quantizer?"),
        (
            "optimizer.weightDecay=1",
            "unknown key optimizer.weightDecay; did you mean optimizer.weight_decay?"
        ),
        ("optimizer.beta3=1", "unknown key optimizer.beta3; did you mean optimizer.beta1?"),
        ("learning_rate=1", "unknown key learning_rate; did you mean schedule.learning_rate?"),
        ("max-updates=1", "unknown key max-updates; did you mean training.max_updates?"),
        ("dropout=0.1", "unknown key dropout; did you mean aggregator.dropout or prediction.dropout?"),
        ("model.quantizer.kind=none", "unknown key model; the sections are encoder, quantizer, "),
        ("loss.zzzzzzzzzzzz=1", "unknown key loss.zzzzzzzzzzzz; loss has kmeans_weight, diversity_weight"),
        ("quantizer.temperature.begin=1", "unknown key quantizer.temperature.begin"),
        ("preset=small", "a preset is chosen with --preset"),
        ("quantizer.kind", "expected KEY=VALUE, such as quantizer.kind=kmeans"),
        ("=3", "expected KEY=VALUE, such as quantizer.kind=kmeans"),
        ("", "expected KEY=VALUE, such as quantizer.kind=kmeans"),
    ])
    func unknownKeysAreNamedWithTheNearestOnes(setting: String, expected: String) {
        let text = message(settings: setting)
        let prefix = "--set \(setting): \(expected)"
        #expect(
            expected.hasSuffix(" ") || !expected.hasSuffix("?") ? text.hasPrefix(prefix) : text == prefix,
            "\(text)")
    }

    @Test(arguments: [
        ("optimizer.beta1=fast", "optimizer.beta1 is fast, but must be a number"),
        ("optimizer.beta1=.nan", "optimizer.beta1 is nan, but must be a number"),
        ("optimizer.beta1=1e999", "optimizer.beta1 is inf, but must be a number"),
        ("optimizer.beta1=true", "optimizer.beta1 is true, but must be a number"),
        ("optimizer.beta1=", "optimizer.beta1 is null, but must be a number"),
        ("optimizer.beta1={a: 1}", "optimizer.beta1 is {a: 1}, but must be a number"),
        ("training.seed=1.5", "training.seed is 1.5, but must be a whole number"),
        ("training.seed=99999999999999999999", "training.seed is 1e+20, but must be a whole number"),
        ("aggregator.bias=1", "aggregator.bias is 1, but must be true or false"),
        ("aggregator.bias=yes", "aggregator.bias is yes, but must be true or false"),
        ("quantizer.kind=kmean", "quantizer.kind is kmean, but must be one of gumbel, kmeans, none"),
        ("quantizer.kind=0", "quantizer.kind is 0, but must be one of gumbel, kmeans, none"),
        ("activation=tanh", "activation is tanh, but must be one of relu, gelu"),
        ("encoder.layers=5", "encoder.layers is 5, but must be a list of [channels, kernel, stride]"),
        ("encoder.layers=[5]", "encoder.layers[0] is 5, but must be [channels, kernel, stride]"),
        (
            "encoder.layers=[[5,1,1],[5,1]]",
            "encoder.layers[1] is [5, 1], but must be [channels, kernel, stride]"
        ),
        (
            "encoder.layers=[[5,1,1,1]]",
            "encoder.layers[0] is [5, 1, 1, 1], but must be [channels, kernel, stride]"
        ),
        ("encoder.layers=[[5,x,1]]", "encoder.layers[0][1] is x, but must be a whole number"),
        ("quantizer=kmeans", "quantizer is kmeans, but must be a section of keys"),
    ])
    func wrongValuesAreNamedWithWhatIsExpected(setting: String, expected: String) {
        #expect(message(settings: "training.seed=7", setting) == "--set \(setting): \(expected)")
    }

    @Test func filesAreNamedWithTheLine() throws {
        #expect(
            try message(file: "optimizer:\n  beta1: 0.9\n  betta2: 1\n")
                == "run.yaml:3: unknown key optimizer.betta2; did you mean optimizer.beta2?")
        #expect(
            try message(file: "# c\noptimizer:\n  beta1: fast\n")
                == "run.yaml:3: optimizer.beta1 is fast, but must be a number")
        #expect(
            try message(file: "aggregator:\n  layers:\n  - [1, 2, 1]\n  - [1, a, 1]\n")
                == "run.yaml:2: aggregator.layers[1][1] is a, but must be a whole number")
        #expect(
            try message(file: "optimizer.beta2: 1.5")
                == "run.yaml:1: optimizer.beta2 must be at least 0 and below 1, not 1.5")
        #expect(
            try message(file: "\npreset: big")
                == "run.yaml:2: preset is big, but must be one of small, ablation, paper, fairseq, wav2vec-small, "
                + "wav2vec2-small, wav2vec2-base, wav2vec2-large")
        let broken = try message(file: "a: 1\nb: [\n")
        #expect(broken.hasPrefix("run.yaml:3: not valid YAML: "), "\(broken)")
    }

    @Test func filesThatAreNoConfiguration() throws {
        let folder = try TemporaryFolder()
        #expect(
            message { try .resolve(file: folder.url.appending(path: "missing.yaml")) }.hasSuffix(
                "missing.yaml: no such configuration file"))
        #expect(
            message { try .resolve(file: folder.url) }.hasSuffix(": a folder, where a YAML file is expected"))
        let binary = try TemporaryFile([0x66, 0x4c, 0x61, 0x43, 0xff, 0xfe])
        #expect(
            message { try .resolve(file: binary.url) }.hasSuffix(
                "run.yaml: not a configuration (YAML, UTF-8, up to 256 KiB)"))
        let large = try TemporaryFile([UInt8](repeating: 0x20, count: 1 << 19))
        #expect(
            message { try .resolve(file: large.url) }.hasSuffix(
                "run.yaml: not a configuration (YAML, UTF-8, up to 256 KiB)"))
    }

    @Test(arguments: Preset.allCases)
    func canonicalFormsGiveTheSameConfiguration(preset: Preset) throws {
        var run = preset.configuration
        run.optimizer.epsilon = 0.1 + 0.2
        if run.wav2vec2 == nil { run.model.quantizer.kind = .none }
        run.wav2vec2?.quantizer.groups = 4
        run.training.seed = -3
        let yaml = try run.yaml()
        #expect(try RunConfiguration(yaml: yaml, name: "config.yaml") == run)
        let file = try TemporaryFile(yaml)
        #expect(try RunConfiguration.resolve(file: file.url) == run)
        #expect(try RunConfiguration(json: run.json(), name: "last.safetensors") == run)
        #expect(yaml.contains("\n  epsilon: 0.30000000000000004\n"))
        let second = run.wav2vec2 == nil ? "log_compression: true" : "norm: "
        #expect(yaml.contains("]]\n  \(second)"))
    }

    @Test func aCheckpointsMetadataIsCheckedToo() throws {
        #expect(try RunConfiguration(json: "{}", name: "x") == RunConfiguration())
        for (json, expected) in [
            ("{", "last.safetensors: the configuration is not valid JSON"),
            ("[]", "last.safetensors: a configuration is made of keys"),
            (
                #"{"quantizer": {"kid": 1}}"#,
                "last.safetensors: unknown key quantizer.kid; did you mean quantizer.kind?"
            ),
            (#"{"quantizer": {"groups": 0}}"#, "last.safetensors: quantizer.groups must be positive, not 0"),
            (
                #"{"optimizer": {"beta1": "x"}}"#,
                "last.safetensors: optimizer.beta1 is x, but must be a number"
            ),
        ] {
            let text = message { try RunConfiguration(json: json, name: "last.safetensors") }
            #expect(text.hasPrefix(expected), "\(text)")
        }
    }

    @Test func singleValuesOverACheckpointsConfiguration() throws {
        let run = Preset.paper.configuration
        var expected = run
        expected.training.saveEvery = 7
        #expect(try run.applying(settings: ["training.save_every=7"]) == expected)
        #expect(throws: ConfigurationError.self) { try run.applying(settings: ["save=7"]) }
    }
}
