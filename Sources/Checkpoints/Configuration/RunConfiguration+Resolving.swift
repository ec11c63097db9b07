import Foundation
import Layers
import TensorFiles
import VQWav2Vec
import Wav2Vec2

extension RunConfiguration {
    /// The configuration of a run: a preset, over it a YAML file, over that single values.
    ///
    /// - Parameters:
    ///   - preset: taken before the one that the file names with `preset: NAME`; `small` where neither does,
    ///     or `wav2vec2-small` for that family.
    ///   - file: YAML with any part of the keys, as sections or dotted (`quantizer.kind: kmeans`).
    ///   - settings: `KEY=VALUE`, the key dotted, the value in YAML: `aggregator.layers=[[128,3,1]]`.
    /// - Throws: `ConfigurationError` in one line with the file and line, or the argument, that is to blame:
    ///   for unknown keys with the nearest valid ones, for wrong values with what is expected.
    public static func resolve(
        preset: Preset? = nil, file: URL? = nil, settings: [String] = []
    ) throws -> RunConfiguration {
        var sources: [ConfigurationSource] = []
        var named: Preset?
        if let file {
            var source = try ConfigurationSource(file: file)
            named = try source.takePreset()
            sources.append(source)
        }
        for setting in settings {
            let source = try ConfigurationSource(setting: setting)
            guard source.tree["preset"] == nil else {
                throw ConfigurationError.located(
                    source.name, .notSettable(problem: "a preset is chosen with --preset"))
            }
            sources.append(source)
        }
        if let source = sources.first(where: { $0.tree["family"] == .string(hubertFamily) }) {
            throw ConfigurationError.located(
                source.location(of: "family"),
                .value(key: "family", problem: "is hubert, which is read but not trained here; give wav2vec2")
            )
        }
        let isWav2Vec2 = sources.contains { $0.tree["family"] == .string(wav2vec2Family) }
        let base = (preset ?? named ?? (isWav2Vec2 ? .wav2vec2Small : .small)).configuration
        return try base.applying(sources) { try $0.validateBeginning() }
    }

    /// This configuration with single values changed.
    /// - Parameter settings: as for `resolve`.
    /// - Throws: as `resolve`.
    public func applying(settings: [String]) throws -> RunConfiguration {
        try applying(settings.map { try ConfigurationSource(setting: $0) })
    }

    /// The configuration with which a run goes on.
    /// - Parameter settings: as for `resolve`, but only how long to train (which stretches the schedules that
    ///   depend on it), and how often to report, validate and save.
    /// - Throws: as `resolve`.
    public func resumed(settings: [String]) throws -> RunConfiguration {
        let changed = try applying(settings: settings)
        var same = changed
        same.training.maxUpdates = training.maxUpdates
        same.training.logEvery = training.logEvery
        same.training.validateEvery = training.validateEvery
        same.training.saveEvery = training.saveEvery
        same.training.saveEveryMinutes = training.saveEveryMinutes
        same.training.keepCheckpoints = training.keepCheckpoints
        guard same == self else {
            throw ConfigurationError.notSettable(
                problem:
                    "--resume goes on with the run as it was: only training.max_updates, training.log_every, "
                    + "validate_every, save_every, save_every_minutes and keep_checkpoints can be set; for another model or "
                    + "schedule begin a new run with --init-from")
        }
        return changed
    }

    /// A configuration that was saved as YAML. A key that is not in it has the library's default.
    /// - Parameter name: what an error calls the text.
    /// - Throws: as `resolve`.
    public init(yaml: String, name: String) throws {
        let source = try ConfigurationSource(yaml: yaml, name: name)
        self = try Self.defaults(for: source).applying([source])
    }

    /// A configuration from the metadata of a checkpoint. A key that is not in it has the library's default.
    /// - Parameter name: what an error calls the text.
    /// - Throws: as `resolve`.
    public init(json: String, name: String) throws {
        let source = try ConfigurationSource(json: json, name: name)
        self = try Self.defaults(for: source).applying([source])
    }

    /// Those of the family that a file names.
    private static func defaults(for source: ConfigurationSource) -> RunConfiguration {
        var run = RunConfiguration()
        switch source.tree["family"] {
        case .string(wav2vec2Family)?: run.wav2vec2 = Wav2Vec2Configuration()
        case .string(hubertFamily)?: run.hubert = HubertConfiguration()
        default: break
        }
        return run
    }

    /// All values as YAML, to be printed and to be saved in the run folder; `--config` reads it back.
    /// - Throws: `YamlError` where the library that writes YAML runs out of memory.
    public func yaml() throws -> String { try tree.yaml() }

    /// All values as one line of JSON with sorted keys, for the metadata of a checkpoint.
    /// - Throws: `EncodingError` for a number that is not finite.
    public func json() throws -> String { try tree.json() }

    /// All values, in the order of declaration.
    package var tree: JSONValue { JSONValue(reflecting: self) }

    /// The values of the model and the rate alone, for a file that says no others.
    var stated: JSONValue {
        var tree = family.map { JSONValue(path: "family", value: .string($0)) } ?? .object([:])
        tree.merge(
            wav2vec2.map { JSONValue(reflecting: $0) } ?? hubert.map { JSONValue(reflecting: $0) }
                ?? JSONValue(reflecting: model))
        tree.merge(JSONValue(path: "data.sample_rate", value: .integer(data.sampleRate)))
        return tree
    }

    /// - Parameter check: what the result has to meet beyond `validate()`.
    private func applying(
        _ sources: [ConfigurationSource], check: (RunConfiguration) throws -> Void = { _ in }
    ) throws -> RunConfiguration {
        var tree = self.tree
        let full = tree
        for source in sources {
            if let unknown = source.tree.firstUnknownKey(in: full) {
                throw ConfigurationError.located(
                    source.location(of: unknown),
                    .unknownKey(unknown, hint: Self.hint(for: unknown, in: full)))
            }
            tree.merge(source.tree)
        }
        do {
            // A model of another family has other keys: nothing can be laid over it.
            if let family = tree["family"], family != full["family"] {
                throw ConfigurationMisfit(
                    family, at: "family", expected: "that of the preset, \(Self.wav2vec2Family)")
            }
            let result = try tree.decode(like: self)
            try result.validate()
            try check(result)
            return result
        } catch let misfit as ConfigurationMisfit {
            let error = ConfigurationError.value(key: misfit.path, problem: misfit.problem)
            let location = sources.last { $0.defines(misfit.path) }?.location(of: misfit.path)
            throw location.map { .located($0, error) } ?? error
        } catch let error as ConfigurationError {
            throw Self.located(error, in: sources)
        }
    }

    private static func hint(for unknown: String, in full: JSONValue) -> String {
        let near = KeySuggestion.keys(for: unknown, among: full.leaves + full.sections)
        if !near.isEmpty { return "; did you mean \(near.joined(separator: " or "))?" }
        let section = unknown.lastIndex(of: ".").map { String(unknown[..<$0]) } ?? ""
        guard case .object(let members)? = section.isEmpty ? full : full[section] else { return "" }
        let keys = members.keys.joined(separator: ", ")
        return section.isEmpty ? "; the sections are \(keys)" : "; \(section) has \(keys)"
    }

    /// Adds the location of the key that a refused combination mentions, where a source gives it.
    private static func located(
        _ error: ConfigurationError, in sources: [ConfigurationSource]
    ) -> ConfigurationError {
        for source in sources.reversed() {
            let mentioned = source.tree.leaves.filter { error.description.contains($0) }
            if let key = mentioned.max(by: { $0.count < $1.count }) {
                return .located(source.location(of: key), error)
            }
        }
        return error
    }
}

extension ConfigurationSource {
    /// Removes the top-level `preset` and returns it.
    /// - Throws: `ConfigurationError` that lists the presets where it is none of them.
    fileprivate mutating func takePreset() throws -> Preset? {
        guard case .object(var members) = tree, let value = members["preset"] else { return nil }
        members["preset"] = nil
        tree = .object(members)
        guard case .string(let text) = value, let preset = Preset(rawValue: text) else {
            throw ConfigurationError.located(
                location(of: "preset"),
                .value(key: "preset", problem: "is \(value.inYAML), but must be one of \(Preset.names)"))
        }
        return preset
    }
}
