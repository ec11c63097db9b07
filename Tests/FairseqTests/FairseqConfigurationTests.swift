import Fairseq
import Foundation
import Layers
import TensorFiles
import TestSupport
import Testing
import VQWav2Vec

/// The golden cases, whose `model` has every field of fairseq's `Wav2VecConfig` as it came from there.
private let cases = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../GoldenTests/Cases").standardized

@Suite struct FairseqConfigurationTests {
    private func object(_ json: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: json) else {
            throw WrongContent(json)
        }
        return object
    }

    private func sorted(_ object: JSONObject) -> JSONObject {
        object.sorted.reduce(into: JSONObject()) { $0[$1.key] = $1.value }
    }

    private func refusal(_ fields: JSONObject) -> String {
        message { _ = try FairseqConfiguration.model(fields) }
    }

    @Test func referenceModelsComeBack() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: cases.path).filter {
            $0.hasPrefix("p")
        }
        #expect(names.count >= 11)
        for name in names { try comesBack(name) }
    }

    private func comesBack(_ name: String) throws {
        let file = cases.appending(path: "\(name)/case.json")
        guard case .object(var fields) = try object(String(contentsOf: file, encoding: .utf8))["model"] else {
            throw WrongContent("model of \(name)")
        }
        let model = try FairseqConfiguration.model(fields)
        try model.validate()
        #expect(fields["gru_dim"] == .integer(512))
        fields["gru_dim"] = nil
        #expect(sorted(try FairseqConfiguration.fields(model)) == sorted(fields), "\(name)")
    }

    @Test func theDefaultsAreTheDataclass() throws {
        var expected = ModelConfiguration()
        expected.activation = .relu
        expected.quantizer.kind = .none
        expected.quantizer.combineGroups = false
        expected.quantizer.depth = 1
        #expect(try FairseqConfiguration.model([:]) == expected)
        let nulls = try FairseqConfiguration.fields(expected).mapValues { _ in JSONValue.null }
        #expect(try FairseqConfiguration.model(nulls) == expected)
        #expect(expected.encoder.layers.map(\.stride) == [5, 4, 2, 2, 2, 1, 1, 1])
        #expect(expected.aggregator.layers.map(\.kernel) == Array(2...13))
    }

    /// Each field away from its default, one at a time: it arrives where it belongs and comes back.
    @Test(
        arguments: [
            ("activation", .string("gelu")), ("non_affine_group_norm", .boolean(true)),
            ("residual_scale", .number(0.3)),
            ("conv_feature_layers", .string("[(8, 10, 5), (8, 3, 2)]")), ("log_compression", .boolean(false)),
            ("skip_connections_feat", .boolean(true)), ("vq_type", .string("kmeans")),
            ("vq_groups", .integer(4)),
            ("vq_vars", .integer(100)), ("vq_dim", .integer(64)), ("combine_groups", .boolean(true)),
            ("vq_depth", .integer(3)), ("vq_gamma", .number(0.75)),
            ("vq_temp", .array([.number(3), .number(0.1), .number(0.5)])),
            ("conv_aggregator_layers", .string("[(512, 3, 1)]")), ("agg_zero_pad", .boolean(true)),
            ("no_conv_bias", .boolean(true)), ("skip_connections_agg", .boolean(false)),
            ("prediction_steps", .integer(8)),
            ("offset", .string("7")), ("num_negatives", .integer(3)), ("cross_sample_negatives", .integer(2)),
            ("sample_distance", .integer(50)), ("balanced_classes", .boolean(true)),
            ("infonce", .boolean(true)),
            ("project_features", .string("new")), ("dropout", .number(0.1)),
            ("dropout_features", .number(0.2)),
            ("dropout_agg", .number(0.3)),
        ] as [(String, JSONValue)])
    func everyFieldIsUsed(_ name: String, _ value: JSONValue) throws {
        let standard = try FairseqConfiguration.model([:])
        let model = try FairseqConfiguration.model([name: value])
        #expect(model != standard)
        var expected = try FairseqConfiguration.fields(standard)
        #expect(expected[name] != nil)
        expected[name] = value
        #expect(try FairseqConfiguration.fields(model) == expected)
    }

    @Test func fieldsArriveWhereTheyBelong() throws {
        let model = try FairseqConfiguration.model([
            "dropout": .number(0.1), "dropout_features": .number(0.2), "dropout_agg": .number(0.3),
            "skip_connections_feat": .boolean(true), "skip_connections_agg": .boolean(false),
            "num_negatives": .integer(3), "cross_sample_negatives": .integer(2),
            "no_conv_bias": .boolean(true),
            "vq_temp": .array([.integer(3), .number(0.1), .number(0.5)]),
            "non_affine_group_norm": .boolean(true),
            "offset": .integer(4), "conv_feature_layers": .string("[(8, 10, 5)]"), "vq_vars": .integer(11),
            "conv_aggregator_layers": .array([.array([.integer(9), .integer(3), .integer(1)])]),
        ])
        #expect(model.aggregator.dropout == 0.1 && model.prediction.dropout == 0.1)
        #expect(model.prediction.dropoutFeatures == 0.2 && model.prediction.dropoutContext == 0.3)
        #expect(model.encoder.skipConnections && !model.aggregator.skipConnections)
        #expect(model.prediction.negatives == 3 && model.prediction.crossSampleNegatives == 2)
        #expect(!model.aggregator.bias && !model.affineNorm && model.prediction.offset == 4)
        let temperature = model.quantizer.temperature
        #expect(temperature.schedule == .exponential)
        #expect((temperature.start, temperature.end, temperature.decay) == (3, 0.1, 0.5))
        #expect(model.encoder.layers == [ConvolutionLayer(8, 10, 5)] && model.quantizer.variables == 11)
        #expect(model.aggregator.layers == [ConvolutionLayer(9, 3, 1)])
    }

    /// A namespace of 2020, with some of the training flags that it is full of.
    @Test func namespaceOf2020() throws {
        let fields = try object(
            #"""
            {"activation": "gelu", "adam_betas": "(0.9, 0.999)", "agg_zero_pad": false, "aggregator": "cnn",
            "arch": "wav2vec", "combine_groups": true, "lr": [1e-05], "max_update": 400000, "optimizer": "adam",
            "conv_aggregator_layers": "[(512, 2, 1), (512, 3, 1)] + [(512, 4, 1)] * 2", "dropout": 0.0,
            "conv_feature_layers": "[(512, 10, 5), (512, 8, 4), (512, 4, 2), (512, 4, 2), (512, 4, 2)] + [(512, 1, 1)] * 3",
            "log_compression": true, "offset": "auto", "project_features": "none", "sample_distance": null,
            "skip_connections_agg": true, "vq_depth": 2, "vq_temp": "(2.0,0.5,0.999995)", "vq_type": "gumbel",
            "data": {"path": "/x"}, "keep_updates_list": []}
            """#)
        var expected = ModelConfiguration()
        expected.aggregator.layers = [2, 3, 4, 4].map { ConvolutionLayer(512, $0, 1) }
        #expect(try FairseqConfiguration.model(fields) == expected)
    }

    @Test(arguments: [
        "(2.0,0.5,0.999995)", "[2, 0.5, 0.999995]", " ( 2.0 , 5e-1 , 0.999995 ) ", "2,0.5,0.999995",
    ])
    func temperatures(_ text: String) throws {
        let model = try FairseqConfiguration.model(["vq_temp": .string(text)])
        #expect(model.quantizer.temperature == TemperatureConfiguration())
    }

    @Test func unsupportedValuesAreNamed() {
        #expect(refusal(["aggregator": .string("gru")]) == "fairseq's GRU aggregator is not supported")
        #expect(refusal(["aggregator": .string("x")]) == "fairseq's aggregator is \"x\" instead of cnn")
        #expect(
            refusal(["activation": .string("tanh")])
                == "fairseq's activation is \"tanh\" instead of one of relu, gelu")
        #expect(
            refusal(["vq_type": .string("pq")]).hasSuffix("\"pq\" instead of one of gumbel, kmeans, none"))
        #expect(
            refusal(["project_features": .string("old")]).hasSuffix(
                "\"old\" instead of one of none, same, new"))
    }

    @Test(
        arguments: [
            ("log_compression", .integer(1)), ("log_compression", .string("True")),
            ("vq_groups", .number(2.5)),
            ("vq_groups", .integer(-1)), ("vq_groups", .integer(.max)), ("vq_groups", .string("2")),
            ("dropout", .string("0.1")), ("dropout", .number(.nan)), ("vq_gamma", .number(.infinity)),
            ("aggregator", .integer(3)), ("activation", .array([])), ("offset", .string("0")),
            ("offset", .integer(-3)),
            ("offset", .string("soon")), ("offset", .string("99999999999")), ("offset", .number(1.5)),
            ("sample_distance", .integer(0)), ("sample_distance", .integer(-1)),
            ("vq_temp", .string("(2.0,0.5)")),
            ("vq_temp", .string("(2.0,0.5,x)")), ("vq_temp", .string("(2.0,0.5,nan)")),
            ("vq_temp", .string("")),
            ("vq_temp", .array([.number(2), .number(1)])), ("vq_temp", .array([.null, .null, .null])),
            ("vq_temp", .number(2)), ("conv_feature_layers", .integer(2)),
            ("conv_aggregator_layers", .array([.null])),
            ("conv_feature_layers", .array([.array([.integer(1), .integer(1), .string("1")])])),
        ] as [(String, JSONValue)])
    func wrongKindsOfValue(_ name: String, _ value: JSONValue) {
        let text = refusal([name: value])
        #expect(text.hasPrefix("fairseq's \(name)"), "\(text)")
    }

    @Test func modelsWithoutAnEquivalent() throws {
        var model = ModelConfiguration()
        model.prediction.dropout = 0.1
        #expect(
            message { _ = try FairseqConfiguration.fields(model) }
                == "fairseq has one dropout: aggregator.dropout = 0.0 and prediction.dropout = 0.1 must be equal"
        )
        model = ModelConfiguration()
        model.quantizer.temperature.schedule = .linear
        #expect(message { _ = try FairseqConfiguration.fields(model) }.contains("no linear temperature"))
        model.quantizer.kind = .kmeans
        _ = try FairseqConfiguration.fields(model)
    }
}
