import Fairseq
import Files
import Foundation
import Layers
import TensorFiles
import Tensors
import VQWav2Vec

/// A model on disk: a safetensors file of ours, with fairseq's tensor names and layouts, the configuration and,
/// for runs to go on, the whole state; or a `.pt` file of fairseq.
public struct Checkpoint {
    public let path: String
    public let configuration: RunConfiguration
    public let state: RunState
    /// What wrote the file.
    public let program: String
    /// The kind of file, in words.
    public let format: String
    private let weights: any WeightSource
    /// The file where it is one of ours; nil for one of fairseq, which has no state of a run.
    private let file: SafetensorsFile?

    /// Reads the description; tensors stay in the file until they are asked for. What the file begins with, not
    /// its name, decides how it is read.
    /// - Throws: `CheckpointError`, `SafetensorsError`, `FairseqCheckpointError`, `TorchError` or
    ///   `ConfigurationError`, naming the file.
    public init(path: String) throws {
        if FairseqCheckpoint.isTorchFile(path) {
            try self.init(fairseq: FairseqCheckpoint(path: path))
        } else {
            try self.init(safetensors: SafetensorsFile(path: path))
        }
    }

    private init(safetensors file: SafetensorsFile) throws {
        let path = file.path
        guard file.metadata[Key.format] == Key.formatName else {
            throw CheckpointError("\(path) is a safetensors file but not a checkpoint of vqw2v")
        }
        guard file.metadata[Key.version] == Key.currentVersion else {
            throw CheckpointError(
                "\(path) has checkpoint version \(file.metadata[Key.version] ?? "none"), this program reads "
                    + "\(Key.currentVersion); use the program that wrote it")
        }
        guard let json = file.metadata[Key.configuration], let state = file.metadata[Key.state] else {
            throw CheckpointError("\(path) lacks its configuration or its state; use a complete checkpoint")
        }
        self.path = path
        configuration = try RunConfiguration(json: json, name: path)
        do {
            self.state = try JSONDecoder().decode(RunState.self, from: Data(state.utf8))
        } catch {
            throw CheckpointError("\(path): the state of the run is not readable; use another checkpoint")
        }
        program = file.metadata[Key.program] ?? "unknown"
        format = "safetensors of vqw2v"
        (weights, self.file) = (file, file)
        try checkUpdates()
    }

    /// What fairseq's model does not say has the library's default.
    private init(fairseq file: FairseqCheckpoint) throws {
        path = file.path
        var configuration = RunConfiguration()
        configuration.model = file.model
        configuration.data.sampleRate = file.sampleRate
        self.configuration = configuration
        var state = RunState()
        state.update = file.updates ?? 0
        self.state = state
        program = "fairseq"
        format = "fairseq .pt, \(file.serialization), \(file.style.rawValue)"
        (weights, self.file) = (file, nil)
        try checkUpdates()
    }

    private func checkUpdates() throws {
        guard (0...Self.largestCount).contains(state.update) else {
            throw CheckpointError("\(path) is damaged: it counts \(state.update) updates")
        }
    }

    /// Begins to compute the SHA-256 of the file, the same one that the weights come from.
    public func hash() -> FileHash { weights.hash() }

    /// Whether the file describes a run of ours, and not weights and a model alone.
    public var hasRun: Bool { file != nil }

    /// - Throws: `CheckpointError` where there is no run to go on with.
    public func requireRun() throws {
        guard hasRun else {
            throw CheckpointError(
                "\(path): a fairseq checkpoint has no state of vqw2v's to resume from; use --init-from")
        }
    }

    /// The model with its weights.
    /// - Throws: `ConfigurationError`, or `CheckpointError` where a tensor is missing or has another shape.
    public func model() throws -> Model {
        let model = try Model(uninitialized: configuration.model)
        try load(into: model)
        if !hasRun { try checkNoneLeft(of: model) }
        return model
    }

    /// What turns recordings into features and ids. The other parts of the model, three quarters of its
    /// weights, stay in the file.
    /// - Throws: as `model()`.
    public func inferenceModel() throws -> InferenceModel {
        let model = try Model(uninitialized: configuration.model)
        try load(InferenceModel.parameters(of: model))
        if !hasRun { try checkNoneLeft(of: model) }
        return InferenceModel(model)
    }

    /// A file of another program might describe less than it holds.
    private func checkNoneLeft(of model: Model) throws {
        let known = Set(model.parameters.map(\.name) + model.aliases.map(\.alias))
        let parts = [
            "feature_extractor.", "vector_quantizer.", "feature_aggregator.", "project_features.",
            "wav2vec_predictions.",
        ]
        let extra = weights.names.first { name in
            !known.contains(name) && parts.contains { name.hasPrefix($0) }
        }
        guard let extra else { return }
        throw CheckpointError(
            "\(path) has a tensor \(extra) of shape \(try weights.shape(of: extra)), which its configuration has "
                + "no place for")
    }

    /// Puts the weights into a model of the same shape.
    /// - Throws: `CheckpointError` that names the first tensor that does not fit.
    public func load(into model: Model) throws { try load(model.parameters) }

    private func load(_ parameters: [Parameter]) throws {
        for parameter in parameters { try restore(parameter.name, into: parameter) { $0 } }
    }

    /// Puts the optimizer's moments into those of parameters of the same shapes.
    /// - Throws: `CheckpointError` where the file has none: it was written to be used, not to be resumed, or by
    ///   fairseq.
    package func load(into moments: [(first: Tensor, second: Tensor)], of parameters: [Parameter]) throws {
        try requireRun()
        for (parameter, moments) in zip(parameters, moments) {
            try restore(Key.firstMoment + parameter.name, into: parameter) { _ in moments.first }
            try restore(Key.secondMoment + parameter.name, into: parameter) { _ in moments.second }
        }
    }

    /// How often codewords were chosen in the last validation, or since the last restart of dead ones; nil
    /// where the file does not say.
    package func usage(_ name: String) throws -> CodebookUsage? {
        guard let file, file.contains(name) else { return nil }
        let (shape, quantizer) = (try file.entry(name).shape, configuration.model.quantizer)
        guard shape == [quantizer.groups, quantizer.variables] else {
            throw CheckpointError(
                "\(path): \(name) has shape \(shape), the configuration calls for "
                    + "\([quantizer.groups, quantizer.variables])")
        }
        var usage = CodebookUsage(groups: shape[0], variables: shape[1])
        usage.counts = try file.integers(name).map { Int($0) }
        guard usage.counts.allSatisfy((0...Self.largestCount).contains) else {
            throw CheckpointError("\(path) is damaged: \(name) holds counts that cannot be")
        }
        return usage
    }

    /// No run comes near, and no sum of such counts overflows.
    private static let largestCount = 1 << 40

    public func validationUsage() throws -> CodebookUsage? { try usage(Key.validationUsage) }

    private func restore(
        _ name: String, into parameter: Parameter, target: (Tensor) -> Tensor
    ) throws {
        guard weights.contains(name) else {
            throw CheckpointError("\(path) has no tensor \(name), which the configuration calls for")
        }
        let shape = try weights.shape(of: name)
        guard shape == parameter.fairseqShape else {
            throw CheckpointError(
                "\(path): \(name) has shape \(shape), the configuration calls for \(parameter.fairseqShape)")
        }
        let value = target(parameter.variable.value)
        try parameter.fill(value) { try weights.read(name, into: $0) }
        guard value.firstNonFinite == nil else {
            throw CheckpointError(
                "\(path): \(name) holds numbers that are not finite; use another checkpoint")
        }
    }

    /// Names in the file.
    package enum Key {
        package static let format = "format"
        package static let formatName = "vqw2v checkpoint"
        package static let version = "format_version"
        package static let currentVersion = "1"
        package static let program = "program"
        package static let configuration = "configuration"
        package static let state = "state"
        package static let firstMoment = "optimizer.exp_avg."
        package static let secondMoment = "optimizer.exp_avg_sq."
        package static let validationUsage = "codebook_usage.validation"
        package static let windowUsage = "codebook_usage.window"
    }
}

/// Why a file is not a checkpoint that can be used, and what to do.
public struct CheckpointError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
