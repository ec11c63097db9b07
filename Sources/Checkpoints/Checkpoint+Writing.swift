import Files
import Foundation
import Layers
import TensorFiles
import Tensors
import VQWav2Vec
import Wav2Vec2

extension Checkpoint {
    /// The version of the program, the library and the packages: this is the one place where it stands.
    public static let version = "0.1.0"

    /// The program and its version, as they stand in checkpoints.
    public static let programVersion = "vqw2v \(version)"

    /// The version of the running program and a hash of its file, where the system tells which that is: what processes
    /// that work together have to have in common.
    /// - Throws: `FileError`.
    public static func program() throws -> String {
        let file = "/proc/self/exe"
        guard FileManager.default.isReadableFile(atPath: file) else { return programVersion }
        return try "\(programVersion) \(FileHash(path: file).value())"
    }

    /// Writes a checkpoint under a temporary name, syncs and renames it. The bytes are a function of the
    /// arguments: no clock, no host, so equal runs give equal files.
    ///
    /// - Parameters:
    ///   - optimizer: what it has kept; nil for a file to be used, not to be resumed.
    ///   - validationUsage: codewords chosen in the last validation.
    ///   - windowUsage: codewords chosen since dead ones were last restarted.
    ///   - followsLinks: whether a link of that name leads to the file that is replaced.
    /// - Throws: `FileError` where the file cannot be written.
    public static func write(
        _ path: String, model: Model, configuration: RunConfiguration, state: RunState,
        optimizer: OptimizerState?,
        validationUsage: CodebookUsage? = nil, windowUsage: CodebookUsage? = nil, followsLinks: Bool = true
    ) throws {
        try write(
            path, parameters: model.parameters, aliases: model.aliases, optimizer: optimizer,
            usages: [(Key.validationUsage, validationUsage), (Key.windowUsage, windowUsage)],
            metadata: metadata(configuration, state), followsLinks: followsLinks)
    }

    /// The same for a model of wav2vec 2.0.
    /// - Throws: `FileError` where the file cannot be written.
    public static func write(
        _ path: String, model: Wav2Vec2Model, configuration: RunConfiguration, state: RunState,
        optimizer: OptimizerState?, validationUsage: CodebookUsage? = nil,
        followsLinks: Bool = true
    ) throws {
        try write(
            path, parameters: model.parameters, aliases: model.aliases, optimizer: optimizer,
            usages: [(Key.validationUsage, validationUsage)], metadata: metadata(configuration, state),
            followsLinks: followsLinks)
    }

    static func metadata(
        _ configuration: RunConfiguration, _ state: RunState
    ) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return [
            Key.configuration: try configuration.json(),
            Key.state: String(decoding: try encoder.encode(state), as: UTF8.self),
        ]
    }

    /// - Parameters:
    ///   - aliases: second names under which parameters are written too.
    ///   - usages: of codewords, with their names in the file.
    ///   - metadata: what the model and its past are; the marks of the format are added.
    static func write(
        _ path: String, parameters: [Parameter], aliases: [(alias: String, name: String)],
        optimizer: OptimizerState?,
        usages: [(name: String, usage: CodebookUsage?)], metadata: [String: String],
        followsLinks: Bool = true
    ) throws {
        var tensors: [SafetensorsTensor] = []
        let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
        for parameter in parameters {
            tensors.append(entry(parameter.name, parameter, parameter.variable.value))
        }
        for (alias, name) in aliases {
            if let parameter = byName[name] {
                tensors.append(entry(alias, parameter, parameter.variable.value))
            }
        }
        for (index, parameter) in parameters.enumerated() {
            for (prefix, tensor) in optimizer?.tensors(at: index) ?? [] {
                tensors.append(entry(prefix + parameter.name, parameter, tensor))
            }
        }
        for (name, usage) in usages {
            guard let usage else { continue }
            tensors.append(
                SafetensorsTensor(
                    name: name, shape: [usage.groups, usage.variables],
                    integers: usage.counts.map { Int64($0) }))
        }
        let marks = [
            Key.format: Key.formatName, Key.version: Key.currentVersion, Key.program: programVersion,
        ]
        try SafetensorsWriter.write(
            path, tensors: tensors, metadata: metadata.merging(marks) { $1 }, checksums: true,
            followsLinks: followsLinks)
    }

    /// A tensor of a parameter's kind in fairseq's layout, converted when its turn comes.
    static func entry(_ name: String, _ parameter: Parameter, _ tensor: Tensor) -> SafetensorsTensor {
        SafetensorsTensor(name: name, dtype: .float32, shape: parameter.fairseqShape) { emit in
            let converted = parameter.toFairseq(tensor)
            // The bytes are the tensor's: it has to outlive their use.
            try withExtendedLifetime(converted) {
                try emit(
                    UnsafeRawBufferPointer(
                        UnsafeBufferPointer(start: converted.pointer, count: converted.count)))
            }
        }
    }
}
