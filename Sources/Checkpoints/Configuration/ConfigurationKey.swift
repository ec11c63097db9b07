import Layers
import VQWav2Vec

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
    /// The library's default in words, where the value is too long to be read.
    private let inWords: String?

    init(_ name: String, _ meaning: String, paper: String?, fairseq: String?, inWords: String? = nil) {
        (self.name, self.meaning, self.paper, self.fairseq) = (name, meaning, paper, fairseq)
        self.inWords = inWords
    }

    /// The library's value, which presets change.
    public var defaultValue: String { inWords ?? RunConfiguration().value(of: name) ?? "" }

    /// The value in a configuration, as YAML on one line.
    public func value(in configuration: RunConfiguration) -> String { configuration.value(of: name) ?? "" }

    /// Every key, in the order of files.
    /// - Parameter names: keys and sections; all keys where there are none.
    /// - Throws: `ConfigurationError` that names an unknown one with the nearest that exist.
    public static func keys(_ names: [String]) throws -> [ConfigurationKey] {
        guard !names.isEmpty else { return all }
        return try names.flatMap { name in
            let found = all.filter { $0.name == name || $0.name.hasPrefix(name + ".") }
            guard found.isEmpty else { return found }
            let near = KeySuggestion.keys(for: name, among: all.map(\.name) + sections)
            throw ConfigurationError.unknownKey(
                name,
                hint: near.isEmpty
                    ? "; `vqw2v config` prints all" : "; did you mean \(near.joined(separator: " or "))?")
        }
    }

    /// What keys stand in: `quantizer`, `quantizer.temperature`.
    public static var sections: [String] {
        var sections: [String] = []
        for key in all {
            let section = key.name.split(separator: ".").dropLast().joined(separator: ".")
            if !section.isEmpty, !sections.contains(section) { sections.append(section) }
        }
        return sections
    }

    /// A row of `docs/training.md`.
    package var markdownRow: String {
        "| `\(name)` | \(meaning) | \(paper ?? "–") | \(fairseq ?? "–") | \(defaultValue) |"
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
