import Checkpoints
import Foundation
import Testing

@Suite struct ConfigurationKeyTests {
    @Test func everyKeyIsExplainedInOrder() throws {
        let tree = try ConfigurationTree(encoding: RunConfiguration())
        #expect(ConfigurationKey.all.map(\.name) == tree.leaves)
        #expect(ConfigurationKey.sections.sorted() == tree.sections.sorted())
        for key in ConfigurationKey.all { #expect(!key.meaning.isEmpty && !key.defaultValue.isEmpty) }
    }

    /// The table of `docs/training.md` is made of the keys.
    @Test func theDocumentationSaysTheSame() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/training.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## Keys\n").last)
        let rows = section.components(separatedBy: "\n## ")[0].split(separator: "\n")
            .filter { $0.hasPrefix("| `") }.map(String.init)
        let expected = ConfigurationKey.all.map(\.markdownRow)
        #expect(rows == expected, "the table must be\n\(expected.joined(separator: "\n"))")
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
