import Checkpoints
import Foundation
import Layers
import TensorFiles
import Testing
import Wav2Vec2

@Suite struct ConfigurationKeyTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(arguments: [nil, Wav2Vec2Configuration()])
    func everyKeyIsExplainedInOrder(wav2vec2: Wav2Vec2Configuration?) throws {
        var run = RunConfiguration()
        run.wav2vec2 = wav2vec2
        let tree = JSONValue(reflecting: run)
        let keys = wav2vec2 == nil ? ConfigurationKey.all : ConfigurationKey.wav2vec2
        #expect(keys.map(\.name) == tree.leaves)
        #expect(ConfigurationKey.sections(of: keys).sorted() == tree.sections.sorted())
        for key in keys { #expect(!key.meaning.isEmpty && !key.defaultValue.isEmpty, "\(key.name)") }
    }

    /// The tables of `docs/training.md` are made of the keys.
    @Test func theDocumentationSaysTheSame() throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/training.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## Keys\n").last)
        let rows = section.components(separatedBy: "\n## ")[0].split(separator: "\n")
            .filter { $0.hasPrefix("| `") }.map(String.init)
        let expected = (ConfigurationKey.all + ConfigurationKey.wav2vec2Model).map(\.markdownRow)
        #expect(rows == expected, "the tables must be\n\(expected.joined(separator: "\n"))")
    }

    /// The comments of the properties have the numbers of the paper and of fairseq.
    @Test func theCommentsSayTheSame() throws {
        let comments = try Self.comments()
        for key in ConfigurationKey.all + ConfigurationKey.wav2vec2Model where key.name != "family" {
            let name = String(key.name.split(separator: ".").last ?? "")
            let candidates = comments.filter { Self.snakeCase($0.property) == name }.map(\.text)
            try #require(!candidates.isEmpty, "no property for \(key.name)")
            let numbers = Self.numbers([key.paper, key.fairseq].compactMap(\.self).joined(separator: " "))
            #expect(
                candidates.contains { numbers.isSubset(of: Self.numbers($0)) },
                "\(key.name): \(numbers) should stand in \(candidates)")
        }
    }

    /// Of all properties of the configuration's structs.
    private static func comments() throws -> [(property: String, text: String)] {
        var result: [(property: String, text: String)] = []
        for folder in ["VQWav2Vec", "Wav2Vec2", "Layers", "Checkpoints"] {
            let url = root.appending(path: "Sources/\(folder)")
            let names = try FileManager.default.subpathsOfDirectory(atPath: url.path)
            for name in names where name.hasSuffix("Configuration.swift") {
                var comment = ""
                for line in try String(contentsOf: url.appending(path: name), encoding: .utf8).split(
                    separator: "\n")
                {
                    let line = line.trimmingCharacters(in: .whitespaces)
                    if line.hasPrefix("///") {
                        comment += line.dropFirst(3)
                    } else {
                        let words = line.split { " :=".contains($0) }
                        if words.starts(with: ["public", "var"]), words.count > 2 {
                            result.append((String(words[2]), comment))
                        }
                        comment = ""
                    }
                }
            }
        }
        return result
    }

    private static func snakeCase(_ property: String) -> String {
        property.replacing("infoNCE", with: "infonce")
            .reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
    }

    /// But for years.
    private static func numbers(_ text: String) -> Set<String> {
        Set(
            text.replacing(",", with: "").replacing("(2020: off)", with: "")
                .matches(of: #/[0-9]([0-9.e-]*[0-9])?/#).map { String($0.output.0) })
    }

    @Test func unknownKeys() {
        for (name, message) in [
            ("quantizer.varables", "unknown key quantizer.varables; did you mean quantizer.variables?"),
            ("zzzzzzzzzzzz", "unknown key zzzzzzzzzzzz; `vqw2v config` prints all"),
        ] {
            #expect(throws: ConfigurationErrorText(message)) {
                do {
                    _ = try ConfigurationKey.keys([name])
                } catch {
                    throw ConfigurationErrorText("\(error)")
                }
            }
        }
    }

    private struct ConfigurationErrorText: Error, Equatable {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
