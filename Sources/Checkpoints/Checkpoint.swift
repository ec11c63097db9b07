import Fairseq
import Files
import Layers
import TensorFiles
import Tensors
import VQWav2Vec
import Wav2Vec2

/// A model on disk: a safetensors file of ours, with fairseq's tensor names and layouts, the configuration and,
/// for runs to go on, the whole state; or a `.pt` file of fairseq, or a folder of Hugging Face.
public struct Checkpoint {
    public let path: String
    /// What the file does not say has the library's default: see `statedConfiguration`.
    public let configuration: RunConfiguration
    /// Of the run; that of no run at all where the weights come from elsewhere.
    public let state: RunState
    /// Where the weights come from, where no run of ours is described.
    public let origin: CheckpointOrigin?
    /// The values of the configuration that the file says.
    package let statedConfiguration: JSONValue
    /// What wrote the file.
    public let program: String
    /// The kind of file, in words.
    public let format: String
    let weights: any WeightSource
    /// The file where it is one of ours; nil for those of others, which have no state of a run.
    let file: SafetensorsFile?

    init(
        path: String, configuration: RunConfiguration, state: RunState?, origin: CheckpointOrigin?,
        statedConfiguration: JSONValue, program: String, format: String, weights: any WeightSource,
        file: SafetensorsFile?
    ) {
        (self.path, self.configuration, self.origin) = (path, configuration, origin)
        var state = state ?? RunState()
        if let origin { state.update = origin.updates ?? 0 }
        (self.state, self.statedConfiguration, self.program) = (state, statedConfiguration, program)
        (self.format, self.weights, self.file) = (format, weights, file)
    }

    /// Updates that the weights were trained for; nil where that is not known.
    public var updates: Int? { if let origin { origin.updates } else { state.update } }

    /// The configuration as YAML, as far as the file says it.
    /// - Throws: as `RunConfiguration.yaml()`.
    public func configurationYAML() throws -> String { try statedConfiguration.yaml() }

    /// The configuration as one line of JSON with sorted keys, as far as the file says it.
    /// - Throws: as `RunConfiguration.json()`.
    public func configurationJSON() throws -> String { try statedConfiguration.json() }

    /// Begins to compute the SHA-256 of the file, the same one that the weights come from.
    public func hash() -> FileHash { weights.hash() }

    /// Whether the file describes a run of ours, and not weights and a model alone.
    public var hasRun: Bool { origin == nil }

    /// - Throws: `CheckpointError` where there is no run to go on with, or not all of its state.
    public func requireRun() throws {
        guard hasRun else {
            throw CheckpointError.noRunToResume(
                path: path,
                format: file != nil
                    ? "a checkpoint made from another format"
                    : weights is FairseqCheckpoint ? "a fairseq checkpoint" : "a model of Hugging Face")
        }
        guard weights.names.contains(where: { $0.hasPrefix(Key.firstMoment) }) else {
            throw CheckpointError.noOptimizer(path: path)
        }
    }

    /// Puts the weights into a model of the same shape.
    /// - Throws: `CheckpointError` that names the first tensor that does not fit.
    public func load(into model: Model) throws { try load(into: model.parameters) }

    /// The same for the parameters of any model.
    /// - Throws: as above.
    public func load(into parameters: [Parameter]) throws {
        for parameter in parameters { try restore(parameter.name, into: parameter) { $0 } }
    }

    /// Puts what the optimizer has kept into that of parameters of the same shapes.
    /// - Throws: `CheckpointError` where the file has none: it was written to be used, not to be resumed, or by
    ///   fairseq.
    package func load(into optimizer: OptimizerState, of parameters: [Parameter]) throws {
        try requireRun()
        for (index, parameter) in parameters.enumerated() {
            for (prefix, tensor) in optimizer.tensors(at: index) {
                try restore(prefix + parameter.name, into: parameter) { _ in tensor }
            }
        }
    }

    /// How often codewords were chosen, [groups, codewords], in the last validation or since the last restart of dead ones: the
    /// tensor of one of these names. Nil where the file has none.
    /// - Throws: as `validationUsage()`.
    package func usage(_ name: String) throws -> CodebookUsage? {
        guard let file, file.contains(name) else { return nil }
        let (shape, expected) = (try file.entry(name).shape, configuration.codewordCounts)
        guard shape == expected else {
            throw CheckpointError.wrongShape(path: path, tensor: name, shape: shape, expected: expected)
        }
        var usage = CodebookUsage(groups: shape[0], variables: shape[1])
        usage.counts = try file.integers(name).map { Int($0) }
        guard usage.counts.allSatisfy((0...Self.largestCount).contains) else {
            throw CheckpointError.damaged(path: path, what: "\(name) holds counts that cannot be")
        }
        return usage
    }

    /// Reads every tensor of a file of ours, for damage that a use of some would not meet.
    /// - Throws: `FileError`; `SafetensorsError` that names a tensor that is not as it was written.
    public func check() throws { try file?.check() }

    /// No run comes near, and no sum of such counts overflows.
    static let largestCount = 1 << 40

    /// How often codewords were chosen in the last validation; nil where the file does not say.
    /// - Throws: `FileError`; `SafetensorsError` or `CheckpointError` where the counts are damaged.
    public func validationUsage() throws -> CodebookUsage? { try usage(Key.validationUsage) }

    private func restore(
        _ name: String, into parameter: Parameter, target: (Tensor) -> Tensor
    ) throws {
        guard weights.contains(name) else {
            throw CheckpointError.missing(path: path, tensor: name)
        }
        let shape = try weights.shape(of: name)
        guard shape == parameter.fairseqShape else {
            throw CheckpointError.wrongShape(
                path: path, tensor: name, shape: shape, expected: parameter.fairseqShape)
        }
        let value = target(parameter.variable.value)
        try parameter.fill(value) { try weights.read(name, into: $0) }
        guard value.firstNonFinite == nil else {
            throw CheckpointError.notFinite(path: path, tensor: name)
        }
    }

    /// Names of the files in the folder of a run: the checkpoint with the lowest validation loss, and the state
    /// that training goes on from.
    public static let (bestFile, lastFile) = ("best.safetensors", "last.safetensors")

    /// Names in the file.
    package enum Key {
        package static let format = "format"
        package static let formatName = "vqw2v checkpoint"
        package static let version = "format_version"
        /// 1 had no checksums.
        package static let currentNumber = 2
        package static let currentVersion = "\(currentNumber)"
        package static let program = "program"
        package static let configuration = "configuration"
        package static let state = "state"
        package static let origin = "origin"
        package static let updates = "updates"
        package static let firstMoment = "optimizer.exp_avg."
        package static let secondMoment = "optimizer.exp_avg_sq."
        package static let trainedWeights = "optimizer.weights."
        package static let validationUsage = "codebook_usage.validation"
        package static let windowUsage = "codebook_usage.window"
    }
}

extension RunConfiguration {
    /// G and V.
    fileprivate var codewordCounts: [Int] {
        wav2vec2.map { [$0.quantizer.groups, $0.quantizer.variables] }
            ?? [model.quantizer.groups, model.quantizer.variables]
    }
}
