import Foundation
import Interchange
import Tensors
import VQWav2Vec

/// A model on disk: safetensors with fairseq's tensor names and layouts, the configuration and, for runs to
/// go on, the whole state.
public struct Checkpoint {
    public let path: String
    public let configuration: RunConfiguration
    public let state: RunState
    private let file: SafetensorsFile

    /// Reads the description; tensors stay in the file until they are asked for.
    /// - Throws: `CheckpointError`, `SafetensorsError` or `ConfigurationError`, naming the file.
    public init(path: String) throws {
        self.path = path
        file = try SafetensorsFile(path: path)
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
        configuration = try RunConfiguration(json: json, name: path)
        do {
            self.state = try JSONDecoder().decode(RunState.self, from: Data(state.utf8))
        } catch {
            throw CheckpointError("\(path): the state of the run is not readable; use another checkpoint")
        }
        guard (0...Self.largestCount).contains(self.state.update) else {
            throw CheckpointError("\(path) is damaged: it counts \(self.state.update) updates")
        }
    }

    /// The version of the program that wrote the file.
    public var program: String { file.metadata[Key.program] ?? "unknown" }

    /// The model with its weights.
    /// - Throws: `ConfigurationError`, or `CheckpointError` where a tensor is missing or has another shape.
    public func model() throws -> Model {
        let model = try Model(uninitialized: configuration.model)
        try load(into: model)
        return model
    }

    /// What turns recordings into features and ids. The other parts of the model, three quarters of its
    /// weights, stay in the file.
    /// - Throws: as `model()`.
    public func inferenceModel() throws -> InferenceModel {
        let model = try Model(uninitialized: configuration.model)
        try load(InferenceModel.parameters(of: model))
        return InferenceModel(model)
    }

    /// Puts the weights into a model of the same shape.
    /// - Throws: `CheckpointError` that names the first tensor that does not fit.
    public func load(into model: Model) throws { try load(model.parameters) }

    private func load(_ parameters: [Parameter]) throws {
        for parameter in parameters { try restore(parameter.name, into: parameter) { $0 } }
    }

    /// Puts the moments into an optimizer of the same parameters.
    /// - Throws: `CheckpointError` where the file has none: it was written to be used, not to be resumed.
    func load(into adam: inout Adam, parameters: [Parameter]) throws {
        for (parameter, moments) in zip(parameters, adam.moments) {
            try restore(Key.firstMoment + parameter.name, into: parameter) { _ in moments.first }
            try restore(Key.secondMoment + parameter.name, into: parameter) { _ in moments.second }
        }
        adam.updates = state.update
    }

    /// How often codewords were chosen in the last validation, or since the last restart of dead ones; nil
    /// where the file does not say.
    func usage(_ name: String) throws -> CodebookUsage? {
        guard file.contains(name) else { return nil }
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
        guard file.contains(name) else {
            throw CheckpointError("\(path) has no tensor \(name), which the configuration calls for")
        }
        let shape = try file.entry(name).shape
        guard shape == parameter.fairseqShape else {
            throw CheckpointError(
                "\(path): \(name) has shape \(shape), the configuration calls for \(parameter.fairseqShape)")
        }
        let value = Tensor(uninitialized: shape)
        try file.withUnsafeFloats(name) { floats in
            _ = UnsafeMutableBufferPointer(start: value.pointer, count: value.count).update(
                fromContentsOf: floats)
        }
        guard value.firstNonFinite == nil else {
            throw CheckpointError(
                "\(path): \(name) holds numbers that are not finite; use another checkpoint")
        }
        target(parameter.variable.value).assign(parameter.fromFairseq(value))
    }

    /// Names in the file.
    enum Key {
        static let format = "format"
        static let formatName = "vqw2v checkpoint"
        static let version = "format_version"
        static let currentVersion = "1"
        static let program = "program"
        static let configuration = "configuration"
        static let state = "state"
        static let firstMoment = "optimizer.exp_avg."
        static let secondMoment = "optimizer.exp_avg_sq."
        static let validationUsage = "codebook_usage.validation"
        static let windowUsage = "codebook_usage.window"
    }
}

/// Why a file is not a checkpoint that can be used, and what to do.
public struct CheckpointError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
