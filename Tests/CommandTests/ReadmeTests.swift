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
    private func example(_ name: String) throws -> String {
        let lines = try text("Examples/Library/LibraryExample.swift").components(separatedBy: "\n")
        let first = try #require(lines.firstIndex(of: "    // begin \(name)"))
        let end = try #require(lines.firstIndex(of: "    // end \(name)"))
        return lines[(first + 1)..<end].map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
            .joined(separator: "\n")
    }

    @Test(arguments: ["tokens", "step"]) func swiftCodeIsCompiledCode(name: String) throws {
        let code = try example(name)
        #expect(code.contains("static func "))
        #expect(try text("README.md").contains(code), "README.md must hold this code as it is:\n\(code)")
    }
}
