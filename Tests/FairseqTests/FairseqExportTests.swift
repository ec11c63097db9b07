import Fairseq
import Layers
import TensorFiles
import TestSupport
import Testing
import VQWav2Vec

@Suite struct FairseqExportTests {
    private func export(_ model: ModelConfiguration) throws -> FairseqExport {
        var export = FairseqExport(
            model: try FairseqConfiguration.fields(model), sampleRate: 8000, maxSampleSize: 999, updates: 7,
            tensors: try Model(model).fairseqTensors, provenance: ["program": "test"])
        export.criterion.lossWeights = [0.5]
        export.criterion.logKeys = ["temp"]
        return export
    }

    private func small() -> ModelConfiguration {
        var model = ModelConfiguration()
        model.encoder.layers = [ConvolutionLayer(8, 10, 5), ConvolutionLayer(8, 4, 2)]
        model.aggregator.layers = [ConvolutionLayer(8, 3, 1)]
        model.quantizer.variables = 6
        model.prediction.projectFeatures = .same
        return model
    }

    private func read(_ style: FairseqExport.Style) throws -> (zip: StoredZip, object: Unpickled) {
        let folder = try TemporaryFolder()
        try export(small()).write(folder.file("m.pt"), style: style)
        let zip = try StoredZip(folder.read("m.pt"))
        return (zip, try Unpickled(try #require(zip.entries["archive/data.pkl"])))
    }

    @Test(arguments: FairseqExport.Style.allCases)
    func everyTensorIsThere(_ style: FairseqExport.Style) throws {
        let (zip, object) = try read(style)
        let model = try Model(small())
        let state = try #require(object["model"])
        #expect(state.keys == model.fairseqTensors.map(\.name))
        #expect(object["model_weight"] == state)
        #expect(zip.entries["archive/byteorder"] == Array("little".utf8))
        #expect(zip.entries["archive/version"] == Array("3\n".utf8))
        #expect(zip.names.first == "archive/data.pkl")
        // As many storages as parameters: aliases have none of their own.
        #expect(zip.names.count == 3 + model.parameters.count && !model.aliases.isEmpty)

        for parameter in model.parameters {
            let value = parameter.toFairseq(parameter.variable.value)
            let storage = try checkTensor(state[parameter.name], shape: parameter.fairseqShape)
            let bytes = try #require(zip.entries["archive/data/\(storage)"])
            #expect(value.values.withUnsafeBytes { Array($0) } == bytes, "\(parameter.name)")
            for (alias, name) in model.aliases where name == parameter.name {
                #expect(try checkTensor(state[alias], shape: parameter.fairseqShape) == storage)
            }
        }
    }

    /// - Returns: the name of the storage.
    private func checkTensor(_ tensor: Unpickled?, shape: [Int]) throws -> String {
        guard
            case .call(.global("torch._utils._rebuild_tensor_v2"), .tuple(let arguments), state: .none) =
                tensor,
            case .persistent(.tuple(let storage)) = arguments[0], case .string(let key) = storage[2]
        else { throw UnpicklingError(text: "no tensor: \(String(describing: tensor))") }
        let count = shape.reduce(1, *)
        #expect(
            storage
                == [
                    .string("storage"), .global("torch.FloatStorage"), .string(key), .string("cpu"),
                    .integer(count),
                ])
        let strides = shape.indices.map { axis in shape[(axis + 1)...].reduce(1, *) }
        #expect(arguments[1] == .integer(0) && arguments[4] == .boolean(false) && arguments.count == 6)
        #expect(arguments[2] == .tuple(shape.map { .integer($0) }))
        #expect(arguments[3] == .tuple(strides.map { .integer($0) }))
        return key
    }

    @Test func configurationOfToday() throws {
        let (_, object) = try read(.cfg)
        #expect(object["args"] == Unpickled.none && object["last_optimizer_state"] == Unpickled.none)
        let cfg = try #require(object["cfg"])
        #expect(cfg["model"]?["_name"] == .string("wav2vec") && cfg["model"]?["vq_vars"] == .integer(6))
        #expect(cfg["model"]?["vq_temp"] == .list([.number(2), .number(0.5), .number(0.999995)]))
        #expect(cfg["task"]?["_name"] == .string("audio_pretraining"))
        #expect(cfg["task"]?["sample_rate"] == .integer(8000))
        #expect(cfg["task"]?["max_sample_size"] == .integer(999))
        #expect(cfg["criterion"]?["loss_weights"] == .list([.number(0.5)]))
        guard case .list(let history) = object["optimizer_history"] else {
            throw UnpicklingError(text: "no history")
        }
        #expect(history.last?["num_updates"] == .integer(7))
        #expect(object["extra_state"]?["train_iterator"]?["epoch"] == .integer(1))
        #expect(object["extra_state"]?["vqw2v"]?["program"] == .string("test"))
        // s3prl's.
        #expect(object["model_cfg"]?["conv_feature_layers"] == .string("[(8, 10, 5), (8, 4, 2)]"))
        #expect(object["task_cfg"]?["sample_rate"] == .integer(8000))
    }

    /// What is not known is not in the file, or null where fairseq has to have a value.
    @Test func whatIsNotKnown() throws {
        let folder = try TemporaryFolder()
        var export = try export(small())
        (export.updates, export.maxSampleSize, export.criterion.lossWeights) = (nil, nil, nil)
        try export.write(folder.file("m.pt"), style: .cfg)
        #expect(try FairseqCheckpoint(path: folder.file("m.pt")).updates == nil)
        let zip = try StoredZip(folder.read("m.pt"))
        let object = try Unpickled(try #require(zip.entries["archive/data.pkl"]))
        guard case .list(let history) = object["optimizer_history"] else {
            throw UnpicklingError(text: "no history")
        }
        #expect(history.count == 1 && history[0]["optimizer_name"] == .string("FairseqAdam"))
        #expect(object["cfg"]?["task"]?["max_sample_size"] == Unpickled.none)
        #expect(object["cfg"]?["criterion"]?["loss_weights"] == Unpickled.none)
    }

    @Test func configurationOf2020() throws {
        let (_, object) = try read(.args)
        #expect(object["cfg"] == Unpickled.none)
        let args = try #require(object["args"])
        guard case .call(.global("argparse.Namespace"), .tuple([]), _) = args else {
            throw UnpicklingError(text: "no namespace")
        }
        #expect(args["arch"] == .string("wav2vec") && args["task"] == .string("audio_pretraining"))
        #expect(args["vq_temp"] == .string("(2.0,0.5,0.999995)"))
        #expect(args["loss_weights"] == .string("[0.5]") && args["log_keys"] == .string("[\"temp\"]"))
        #expect(args["vq_groups"] == .integer(2) && args["max_sample_size"] == .integer(999))
    }

    @Test func bytesDependOnTheModelAlone() throws {
        let folder = try TemporaryFolder()
        for name in ["a", "b"] { try export(small()).write(folder.file(name), style: .cfg) }
        #expect(try folder.read("a") == folder.read("b"))
    }

    @Test func theClosestModel() throws {
        let model = small()
        #expect(try FairseqConfiguration.closest(to: model) == (model, []))
        var linear = model
        linear.quantizer.temperature.schedule = .linear
        linear.quantizer.temperature.start = 3
        linear.prediction.dropout = 0.25
        let (closest, notes) = try FairseqConfiguration.closest(to: linear)
        #expect(notes.count == 2)
        #expect(notes[0].contains("no linear temperature") && notes[1].contains("prediction.dropout = 0.25"))
        #expect(closest.quantizer.temperature.start == 3)
        let fields = try FairseqConfiguration.fields(closest)
        #expect(fields["dropout"] == .number(0))
        #expect(fields["vq_temp"] == .array([.number(3), .number(0.5), .number(0.999995)]))
        var wide = model
        wide.quantizer.dimension = 16
        #expect(
            message { _ = try FairseqConfiguration.closest(to: wide) }.contains("quantizer.dimension = 16"))
    }
}

private func == (
    _ left: (model: ModelConfiguration, notes: [String]), _ right: (ModelConfiguration, [String])
) -> Bool { left.model == right.0 && left.notes == right.1 }
