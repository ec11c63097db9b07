import TensorFiles

/// A model of wav2vec, vq-wav2vec or wav2vec 2.0 as a checkpoint of fairseq, which its `checkpoint_utils` loads, and s3prl too.
///
/// One file holds the keys of both: fairseq reads `args` or `cfg`, `model`, `optimizer_history`, `task_state`
/// and `extra_state`; s3prl `model_cfg`, `task_cfg` and `model_weight`, the same tensors.
public struct FairseqExport {
    /// How the configuration is written.
    public enum Style: String, CaseIterable, Sendable {
        /// Nested dictionaries, as fairseq writes since 2021. PyTorch's safe loader takes it.
        case cfg
        /// One `argparse.Namespace`, as in the checkpoints of 2020.
        case args
    }

    /// fairseq's name of the kind of model.
    public enum Architecture: String, Sendable {
        /// wav2vec and vq-wav2vec.
        case wav2vec
        /// wav2vec 2.0.
        case wav2vec2
    }

    public var architecture: Architecture
    /// Fields of `Wav2VecConfig` or `Wav2Vec2Config`: see `FairseqConfiguration.fields(_:)`.
    public var model: JSONObject
    public var criterion = Criterion()
    public var sampleRate: Int
    /// Whether waveforms are normalised.
    public var normalizesWaveforms = false
    /// Longest crop in training, in samples; nil where that is not known.
    public var maxSampleSize: Int?
    /// Updates done; nil where that is not known.
    public var updates: Int?
    public var tensors: [FairseqTensor]
    /// Where the model comes from: kept in `extra_state`, which fairseq carries along.
    public var provenance: [String: String]

    /// What fairseq's `wav2vec` criterion adds to the prediction loss.
    public struct Criterion: Equatable, Sendable {
        /// Weights of the model's own losses; nil where nothing is added, or it is not known.
        public var lossWeights: [Double]?
        /// Figures of the quantizer to be logged.
        public var logKeys: [String] = []

        public init() {}
    }

    public init(
        _ architecture: Architecture = .wav2vec, model: JSONObject, sampleRate: Int, maxSampleSize: Int?,
        updates: Int?,
        tensors: [FairseqTensor],
        provenance: [String: String]
    ) {
        (self.architecture, self.model) = (architecture, model)
        (self.sampleRate, self.maxSampleSize) = (sampleRate, maxSampleSize)
        (self.updates, self.tensors, self.provenance) = (updates, tensors, provenance)
    }

    /// - Throws: `FileError` where the file cannot be written; it appears whole or not at all.
    public func write(_ path: String, style: Style) throws {
        var (storages, byName) = ([TorchStorage](), [String: TorchStorage]())
        for tensor in tensors where tensor.original == nil {
            let storage = TorchStorage(index: storages.count, count: tensor.count, floats: tensor.floats)
            storages.append(storage)
            byName[tensor.name] = storage
        }
        var pickle = PickleWriter()
        pickle.dictionary { pickle in
            write(style, to: &pickle)
            pickle.string("model")
            pickle.orderedDictionary { pickle in
                for tensor in tensors {
                    guard let storage = byName[tensor.original ?? tensor.name] else { continue }
                    pickle.string(tensor.name)
                    pickle.tensor(storage, shape: tensor.shape)
                }
            }
            let weights = pickle.remember()
            pickle.string("model_weight")
            pickle.again(weights)
            pickle.items(records)
        }
        try TorchWriter.write(path, pickle: pickle, storages: storages)
    }

    /// The entries `args` and `cfg`, one of them `None`.
    private func write(_ style: Style, to pickle: inout PickleWriter) {
        pickle.string("args")
        switch style {
        case .cfg: pickle.none()
        case .args:
            pickle.global("argparse", "Namespace")
            pickle.tuple { _ in }
            pickle.newObject()
            pickle.dictionary { $0.items(namespace) }
            pickle.build()
        }
        pickle.string("cfg")
        pickle.value(style == .cfg ? .object(groups) : .null)
    }

    /// What both styles have beside configuration and weights.
    private var records: JSONObject {
        [
            "criterion": .null,
            "extra_state": .object([
                "metrics": .array([]),
                "previous_training_time": .number(0),
                "train_iterator": .object(["epoch": .integer(1), "iterations_in_epoch": .integer(0)]),
                "vqw2v": .object(JSONObject(provenance.mapValues { .string($0) })),
            ]),
            "last_optimizer_state": .null,
            "model_cfg": .object(model),
            "optimizer_history": .array([.object(optimizer)]),
            "task_cfg": .object(task),
            "task_state": .object(JSONObject()),
        ]
    }

    /// fairseq takes a missing number of updates for 0 where it trains further.
    private var optimizer: JSONObject {
        var fields: JSONObject = [
            "criterion_name": .string("Wav2vecCriterion"), "lr_scheduler_state": .object(["best": .null]),
            "optimizer_name": .string("FairseqAdam"),
        ]
        fields["num_updates"] = updates.map { .integer($0) }
        return fields
    }

    /// Fields of fairseq's `AudioPretrainingConfig`; others get their defaults.
    private var task: JSONObject {
        [
            "data": .string(""), "sample_rate": .integer(sampleRate),
            "max_sample_size": maxSampleSize.map { .integer($0) } ?? .null, "min_sample_size": .null,
            "normalize": .boolean(normalizesWaveforms),
        ]
    }

    /// wav2vec 2.0 is trained by a softmax over the candidates; in wav2vec it is a field of the model.
    private var infoNCE: JSONValue { model["infonce"] ?? .boolean(architecture == .wav2vec2) }

    private var lossWeights: JSONValue {
        criterion.lossWeights.map { .array($0.map { .number($0) }) } ?? .null
    }

    /// fairseq's configuration of today: a dictionary for each part, `_name` choosing the class.
    private var groups: JSONObject {
        func named(_ name: String, _ fields: JSONObject) -> JSONValue {
            .object(fields.merging(["_name": .string(name)]))
        }
        return [
            "_name": .null,
            "model": named(architecture.rawValue, model),
            "task": named("audio_pretraining", task),
            "criterion": named(
                "wav2vec",
                [
                    "infonce": infoNCE, "loss_weights": lossWeights,
                    "log_keys": .array(criterion.logKeys.map { .string($0) }),
                ]),
        ]
    }

    /// fairseq's configuration of 2020: command line arguments, lists and tuples as Python source.
    private var namespace: JSONObject {
        func source(_ list: JSONValue?) -> JSONValue {
            guard case .array(let elements) = list else { return list ?? .null }
            return .string("(" + elements.map(\.description).joined(separator: ",") + ")")
        }
        var fields = model.merging(task)
        for name in ["vq_temp", "latent_temp"] where model[name] != nil { fields[name] = source(model[name]) }
        fields["arch"] = .string(architecture.rawValue)
        fields["task"] = .string("audio_pretraining")
        fields["criterion"] = .string(architecture == .wav2vec ? "binary_cross_entropy" : "wav2vec")
        fields["infonce"] = infoNCE
        fields["loss_weights"] = lossWeights == .null ? .null : .string("\(lossWeights)")
        fields["log_keys"] = .string("[" + criterion.logKeys.map { "\"\($0)\"" }.joined(separator: ",") + "]")
        return fields
    }
}
