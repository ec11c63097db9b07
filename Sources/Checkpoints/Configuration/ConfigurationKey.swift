import Layers
import VQWav2Vec
import Wav2Vec2

/// What is to be said of one key of the configuration: the one source of `vqw2v config --explain` and of the table in
/// `docs/training.md`.
public struct ConfigurationKey: Sendable, Equatable {
    /// Dotted, as in files and in `--set`.
    public let name: String
    /// In Markdown without links.
    public let meaning: String
    /// The value in vq-wav2vec's paper; nil where it says nothing.
    public let paper: String?
    /// The default of fairseq's `wav2vec` architecture, and after → that of its vq-wav2vec recipe where it is another;
    /// nil where it has no such thing.
    public let fairseq: String?
    /// Whether only configurations of wav2vec 2.0 have it; another family may have a key of the same name.
    public let isOfWav2Vec2: Bool
    /// The library's default in words, where the value is too long to be read.
    private let inWords: String?

    init(
        _ name: String, _ meaning: String, paper: String?, fairseq: String?, inWords: String? = nil,
        isOfWav2Vec2: Bool = false
    ) {
        (self.name, self.meaning, self.paper, self.fairseq) = (name, meaning, paper, fairseq)
        (self.inWords, self.isOfWav2Vec2) = (inWords, isOfWav2Vec2)
    }

    /// A key of wav2vec 2.0, whose paper's values are the presets.
    /// - Parameter fairseq: its name there, with the default where that is not BASE's.
    static func wav2vec2(
        _ name: String, _ meaning: String, fairseq: String?, inWords: String? = nil
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, meaning, paper: nil, fairseq: fairseq, inWords: inWords, isOfWav2Vec2: true)
    }

    /// Whether configurations of all families have it.
    public var isShared: Bool {
        !isOfWav2Vec2
            && ["optimizer.", "schedule.", "data.", "augmentation.", "training."].contains {
                name.hasPrefix($0)
            }
    }

    /// Presets that have the key.
    public var presets: [Preset] {
        isShared ? Preset.allCases : isOfWav2Vec2 ? Preset.wav2vec2 : Preset.vqWav2Vec
    }

    /// The library's value, which presets change.
    public var defaultValue: String { inWords ?? value(in: library) }

    /// The same as YAML on one line.
    public var defaultInYAML: String { value(in: library) }

    private var library: RunConfiguration {
        var run = RunConfiguration()
        if isOfWav2Vec2 { run.wav2vec2 = Wav2Vec2Configuration() }
        return run
    }

    /// The value in a configuration, as YAML on one line.
    public func value(in configuration: RunConfiguration) -> String { configuration.value(of: name) ?? "" }

    /// Every key, in the order of files, those of vq-wav2vec before those that wav2vec 2.0 alone has.
    /// - Parameter names: keys and sections; all keys where there are none.
    /// - Throws: `ConfigurationError` that names an unknown one with the nearest that exist.
    public static func keys(_ names: [String]) throws -> [ConfigurationKey] {
        let known = all + wav2vec2Model
        guard !names.isEmpty else { return known }
        return try names.flatMap { name in
            let found = known.filter { $0.name == name || $0.name.hasPrefix(name + ".") }
            guard found.isEmpty else { return found }
            let near = KeySuggestion.keys(for: name, among: completions)
            throw ConfigurationError.unknownKey(
                name,
                hint: near.isEmpty
                    ? "; `vqw2v config` prints all" : "; did you mean \(near.joined(separator: " or "))?")
        }
    }

    /// What the keys stand in: `quantizer`, `quantizer.temperature`.
    public static func sections(of keys: [ConfigurationKey]) -> [String] {
        unique(keys.map { $0.name.split(separator: ".").dropLast().joined(separator: ".") })
            .filter { !$0.isEmpty }
    }

    /// The names of the keys of all families, each once.
    public static var names: [String] { unique((all + wav2vec2Model).map(\.name)) }

    /// What `--explain` takes: sections and keys.
    public static var completions: [String] { unique(sections(of: all + wav2vec2Model) + names) }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// A row of `docs/training.md`.
    package var markdownRow: String {
        guard isOfWav2Vec2 else {
            return "| `\(name)` | \(meaning) | \(paper ?? "–") | \(fairseq ?? "–") | \(defaultValue) |"
        }
        let large = value(in: Preset.wav2vec2Large.configuration)
        let changed = large == defaultInYAML ? "" : large
        return "| `\(name)` | \(meaning) | \(fairseq ?? "–") | \(defaultValue) | \(changed) |"
    }
}

extension RunConfiguration {
    /// - Parameter key: dotted.
    fileprivate func value(of key: String) -> String? {
        tree[key]?.inYAML
            // 1e-5, as people write it.
            .replacing("e-0", with: "e-")
    }
}
