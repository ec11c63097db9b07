import Foundation
import Testing

/// The README's code is the code of `Examples/Library`, which is compiled.
@Suite struct ReadmeTests {
    private var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: root.appending(path: name), encoding: .utf8)
    }

    /// The lines between `// begin NAME` and `// end NAME`, less the indentation of a type's members.
    private func example(_ name: String, in file: String) throws -> String {
        let lines = try text("Examples/Library/\(file)").components(separatedBy: "\n")
        let first = try #require(lines.firstIndex(of: "    // begin \(name)"))
        let end = try #require(lines.firstIndex(of: "    // end \(name)"))
        return lines[(first + 1)..<end].map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
            .joined(separator: "\n")
    }

    @Test(arguments: [
        ("tokens", "Tokens/TokensExample.swift"), ("step", "Training/TrainingExample.swift"),
    ])
    func swiftCodeIsCompiledCode(name: String, file: String) throws {
        let code = try example(name, in: file)
        #expect(code.contains("static func "))
        #expect(try text("README.md").contains(code), "README.md must hold this code as it is:\n\(code)")
    }

    /// Ids need neither a trainer nor an audio stack nor a logger.
    @Test func tokensImportNoTrainer() throws {
        let imports = try text("Examples/Library/Tokens/TokensExample.swift").components(separatedBy: "\n")
            .filter { $0.hasPrefix("import ") }
        #expect(imports == ["import Checkpoints", "import Layers", "import VQWav2Vec"])
        let package = try text("Package.swift")
        let target = try #require(package.range(of: "name: \"Checkpoints\",\n"))
        let dependencies = package[target.upperBound...].prefix { $0 != ")" }
        for name in ["Training", "Speech", "SoundFile"] { #expect(!dependencies.contains(name), "\(name)") }
    }
}
