import TensorFiles
import TestSupport
import VQWav2Vec

/// The smallest vq-wav2vec, as the values that fairseq would save.
struct TinyCheckpoint {
    /// Fields of the model, as in a namespace of 2020.
    var fields: [(String, Pickled)] = [
        ("arch", .text("wav2vec")), ("conv_feature_layers", .text("[(4, 3, 2)]")),
        ("conv_aggregator_layers", .text("[(4, 2, 1)]")), ("activation", .text("gelu")),
        ("vq_type", .text("gumbel")), ("vq_vars", .integer(3)), ("vq_groups", .integer(2)),
        ("vq_temp", .text("(2.0, 0.5, 0.999995)")), ("prediction_steps", .integer(1)),
        ("infonce", .boolean(false)),
    ]
    /// Before every tensor's name.
    var prefix = ""
    /// Tensors of a model of these fields, each with a storage of its own: value i of tensor n is 100·n + i.
    let tensors: [(name: String, value: Pickled)]
    let storages: [FakeStorage]

    init() throws {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [.init(4, 3, 2)]
        configuration.aggregator.layers = [.init(4, 2, 1)]
        configuration.quantizer.variables = 3
        configuration.quantizer.depth = 1
        configuration.quantizer.combineGroups = false
        configuration.prediction.steps = 1
        let parameters = try Model(configuration).parameters
        tensors = parameters.enumerated().map { index, parameter in
            let shape = parameter.fairseqShape
            let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
            return (
                parameter.name,
                .tensor(
                    "FloatStorage", key: "\(index)", count: parameter.count, shape: shape, strides: strides)
            )
        }
        storages = parameters.enumerated().map { index, parameter in
            FakeStorage("\(index)", floats: (0..<parameter.count).map { Float(100 * index + $0) })
        }
    }

    /// The state of the model.
    var state: Pickled { .ordered(tensors.map { (prefix + $0.name, $0.value) }) }

    /// `args` as a namespace.
    var namespace: Pickled { .call("argparse", "Namespace", [], state: .dictionary(fields)) }

    /// The checkpoint of 2020.
    var args: [(String, Pickled)] { [("args", namespace), ("model", state)] }

    /// Today's checkpoint.
    var cfg: [(String, Pickled)] {
        let cfg: [(String, Pickled)] = [
            ("model", .dictionary(fields)), ("task", .dictionary([("sample_rate", .integer(8000))])),
            ("criterion", .dictionary([("infonce", .boolean(true))])),
        ]
        return [("args", .none), ("cfg", .dictionary(cfg)), ("model", state)]
    }

    func zip(_ root: [(String, Pickled)]) -> [UInt8] {
        TorchFiles.zip(Pickled.dictionary(root).pickle, storages)
    }

    func legacy(_ root: [(String, Pickled)]) -> [UInt8] {
        TorchFiles.legacy(Pickled.dictionary(root).pickle, storages)
    }
}
