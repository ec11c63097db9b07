import ArgumentParser
import Checkpoints
import Files
import Foundation
import Layers
import VQWav2Vec

struct Config: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Print a configuration, or explain its keys.",
        usage: """
            vqw2v config [--preset <name>] [--config <file>] [--set <key=value> ...]
            vqw2v config --explain [<key> ...]
            """,
        discussion: """
            Without --explain, the whole configuration that train would have with the same options, as YAML: a file \
            for --config. With it, of each KEY, or of all in a section, or of all there are: what it means, its \
            value in the paper and in fairseq, its default, and its value in presets that have another. Keys that \
            wav2vec 2.0 alone has, or means otherwise, are marked by that name.
            """)

    static let examples = [
        "vqw2v config --preset paper --set quantizer.kind=kmeans > paper.yaml",
        "vqw2v config --explain quantizer.temperature training.seed",
    ]

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Explain keys.")
    var explain = false

    @Argument(
        help: ArgumentHelp("Keys or sections to explain. (default: all)", valueName: "key"),
        completion: .list(ConfigurationKey.completions))
    var keys: [String] = []

    func validate() throws {
        if let key = keys.first, !explain {
            throw ValidationError("\(key): keys go with --explain; a value is set with --set KEY=VALUE")
        }
        if explain, options.areGiven {
            throw ValidationError("--explain is about keys: leave out --preset, --config and --set")
        }
    }

    func run() throws {
        let text =
            explain
            ? try ConfigurationKey.keys(keys).map(Self.explanation).joined(separator: "\n")
            : try options.resolve().yaml()
        try StandardOutput().write(text)
    }

    private static func explanation(_ key: ConfigurationKey) -> String {
        let ours = key.defaultInYAML
        let presets = key.presets.map { ($0, key.value(in: $0.configuration)) }.filter { $0.1 != ours }
        var lines = [("", key.meaning)]
        // Its paper's models are presets.
        if !key.isOfWav2Vec2 { lines.append(("paper", key.paper ?? "says nothing")) }
        lines += [("fairseq", key.fairseq ?? "has none"), ("default", ours)]
        if !presets.isEmpty {
            lines.append(("presets", presets.map { "\($0.rawValue): \($1)" }.joined(separator: ", ")))
        }
        return key.name + (key.isOfWav2Vec2 ? " (wav2vec 2.0)\n" : "\n")
            + lines.map { $0.isEmpty ? "  \($1)\n" : "  \(padded($0, 9))\($1)\n" }.joined()
    }
}

/// What decides a configuration, in `train` and `config`.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "\(Preset.names). (default: small, or what --config names)", valueName: "name"))
    var preset: Preset?

    @Option(
        help: ArgumentHelp("YAML file with any part of the configuration.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "A single value, such as quantizer.kind=kmeans. Can be repeated.", valueName: "key=value"),
        completion: .list(ConfigurationKey.names.map { $0 + "=" }))
    var set: [String] = []

    var areGiven: Bool { preset != nil || config != nil || !set.isEmpty }

    /// - Throws: `ConfigurationError`.
    func resolve() throws -> RunConfiguration {
        try RunConfiguration.resolve(
            preset: preset, file: config.map { URL(fileURLWithPath: $0) }, settings: set)
    }
}

extension Preset: ExpressibleByArgument {}
