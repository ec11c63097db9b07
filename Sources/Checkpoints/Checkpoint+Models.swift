import Layers
import Tensors
import VQWav2Vec
import Wav2Vec2

extension Checkpoint {
    /// The model of vq-wav2vec or wav2vec with its weights.
    /// - Throws: `ConfigurationError`, or `CheckpointError` where a tensor is missing or has another shape, and for a
    ///   model of another family.
    public func model() throws -> Model {
        let model = try uninitializedModel()
        try load(model.parameters, of: model)
        return model
    }

    /// The model of wav2vec 2.0 with its weights.
    /// - Throws: as `model()`.
    public func wav2vec2Model() throws -> Wav2Vec2Model {
        let model = try uninitializedWav2Vec2()
        try load(model.parameters, of: model)
        return model
    }

    /// What turns recordings into features and ids. The other parts of the model, three quarters of its
    /// weights, stay in the file.
    /// - Parameter precision: of the operands of the encoder's convolutions. With bf16 some ids are others.
    /// - Throws: as `model()`.
    public func inferenceModel(precision: Precision = .float32) throws -> InferenceModel {
        let model = try uninitializedModel()
        try load(InferenceModel.parameters(of: model), of: model)
        return InferenceModel(model, precision: precision)
    }

    /// The same for wav2vec 2.0.
    /// - Throws: as `model()`; `CheckpointError` for a model without ids.
    public func wav2vec2InferenceModel(precision: Precision = .float32) throws -> Wav2Vec2InferenceModel {
        let model = try uninitializedWav2Vec2()
        _ = try requireCodebook()
        try load(Wav2Vec2InferenceModel.parameters(of: model), of: model)
        return Wav2Vec2InferenceModel(model, precision: precision)
    }

    /// What turns recordings into ids, whatever the family.
    /// - Throws: as `inferenceModel()`.
    package func unitModel(precision: Precision = .float32) throws -> any UnitModel {
        guard !configuration.isVQWav2Vec else { return try inferenceModel(precision: precision) }
        _ = try requireCodebook()
        return try wav2vec2InferenceModel(precision: precision)
    }

    /// What computes an output for recordings, whatever the family. One of wav2vec 2.0 or HuBERT needs no more of the file
    /// than that takes: a fine-tuned one holds no more.
    /// - Throws: as `inferenceModel()`; `ModelError.noLayer`.
    package func featureModel(_ layer: FeatureLayer) throws -> any FeatureModel {
        try configuration.units.require(layer)
        guard !configuration.isVQWav2Vec else { return try FeatureExtractor(model(), layer: layer) }
        if let hubert = try uninitializedHubert() {
            try load(hubert.parameters(of: layer), of: hubert)
            return try hubert.featureExtractor(layer)
        }
        let model = try uninitializedWav2Vec2()
        if layer == .logits || layer == .quantized { _ = try requireCodebook() }
        try load(Wav2Vec2FeatureExtractor.parameters(of: model, layer: layer), of: model)
        return try Wav2Vec2FeatureExtractor(model, layer: layer)
    }

    /// The model, whatever the family, with the weights of the parts that the file holds.
    /// - Throws: as `model()`.
    package func storedModel() throws -> (model: any ParameterizedModel, parts: [ModelPart]) {
        if let hubert = try uninitializedHubert() {
            try load(hubert.parameters, of: hubert)
            return (hubert, hubert.parts)
        }
        guard isFineTuned else {
            let model: any ParameterizedModel =
                configuration.isVQWav2Vec ? try self.model() : try wav2vec2Model()
            return (model, model.parts)
        }
        let model = try uninitializedWav2Vec2()
        let parts = model.parts.filter { !Wav2Vec2Model.pretrainingParts.contains($0.name) }
        try load(parts.flatMap(\.parameters), of: model)
        return (model, parts)
    }

    /// The size of the codebook that ids are of.
    /// - Throws: `CheckpointError` for a model that has no ids.
    public func requireCodebook() throws -> CodebookSize {
        guard let size = configuration.units.codebookSize, !isFineTuned else {
            throw CheckpointError.unsuitable(path: path, "\(whyNoCodebook)")
        }
        return size
    }

    /// What a model without ids lacks, and what to do.
    package var whyNoCodebook: ModelError {
        configuration.hubert != nil ? .unitsAreClusters : isFineTuned ? .quantizerRemoved : .noQuantizer
    }

    /// Whether the parts of a model of wav2vec 2.0 that only its pre-training needs are gone.
    package var isFineTuned: Bool {
        guard let wav2vec2 = configuration.wav2vec2 else { return false }
        return wav2vec2.quantizer.targets && !weights.contains("quantizer.vars")
    }

    private func uninitializedModel() throws -> Model {
        guard configuration.isVQWav2Vec else {
            let family = configuration.hubert == nil ? "wav2vec 2.0" : "HuBERT"
            throw CheckpointError.unsuitable(
                path: path, "a model of \(family), and not of vq-wav2vec or wav2vec")
        }
        return try withMemoryForWeights { try Model(uninitialized: configuration.model) }
    }

    private func uninitializedWav2Vec2() throws -> Wav2Vec2Model {
        guard let wav2vec2 = configuration.wav2vec2 else {
            throw CheckpointError.unsuitable(path: path, "not a model of wav2vec 2.0")
        }
        return try withMemoryForWeights { try Wav2Vec2Model(uninitialized: wav2vec2) }
    }

    /// Nil for a model of another family.
    private func uninitializedHubert() throws -> HubertModel? {
        try configuration.hubert.map { hubert in
            try withMemoryForWeights { try HubertModel(uninitialized: hubert) }
        }
    }

    /// Makes a model that has memory for what is in the file. The rest is missing, or of another shape: loading it says so.
    private func withMemoryForWeights<M>(_ make: () throws -> M) rethrows -> M {
        let stored = StoredShapes { [weights] in (try? weights.shape(of: $0)) == $1 }
        return try Parameter.$stored.withValue(stored, operation: make)
    }

    /// Some of a model's parameters.
    private func load(_ parameters: [Parameter], of model: any ParameterizedModel) throws {
        try load(into: parameters)
        if file == nil { try checkNoneLeft(of: model) }
    }

    /// A file of another program might describe less than it holds.
    private func checkNoneLeft(of model: any ParameterizedModel) throws {
        let known = Set(model.parameters.map(\.name) + model.aliases.map(\.alias))
        let head = configuration.hubert == nil ? [] : Self.hubertHead
        let extra = weights.names.first { name in
            !known.contains(name) && Self.modelPrefixes.contains { name.hasPrefix($0) }
                && !head.contains { name.hasPrefix($0) }
        }
        guard let extra else { return }
        throw CheckpointError.surplus(path: path, tensor: extra, shape: try weights.shape(of: extra))
    }

    /// What only HuBERT's training needs.
    private static let hubertHead = ["final_proj.", "target_glu."]

    /// What names of the tensors of models begin with.
    private static let modelPrefixes = [
        "feature_extractor.", "vector_quantizer.", "feature_aggregator.", "project_features.",
        "wav2vec_predictions.", "layer_norm.", "post_extract_proj.", "mask_emb", "encoder.", "quantizer.",
        "input_quantizer.", "project_inp.", "project_q.", "final_proj.", "target_glu.",
    ]
}
