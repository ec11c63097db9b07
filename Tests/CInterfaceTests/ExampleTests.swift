import CVqw2v
import Foundation
import TestSupport
import Testing

/// `Examples/C`, built as its users build it.
@Suite struct ExampleTests {
    /// The folder that the shared library is in.
    private static var libraries: String {
        get throws {
            let bundles = [
                Bundle.main.executableURL, URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
                CommandLine.arguments.first.map { URL(fileURLWithPath: $0) },
            ]
            var folders = bundles.compactMap { $0?.deletingLastPathComponent().path }
            folders += ["release", "debug"].map { Files.path(".build/\($0)") }
            return try #require(
                folders.first { FileManager.default.fileExists(atPath: $0 + "/libCInterface.so") },
                "no libCInterface.so in \(folders)")
        }
    }

    /// Runs a line of a shell.
    private func shell(_ line: String) throws -> (code: Int32, output: String, errors: String) {
        let (process, folder) = (Process(), try TemporaryFolder())
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "{ \(line); } >'\(folder.file("out"))' 2>'\(folder.file("err"))'"]
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try folder.text("out"), try folder.text("err"))
    }

    private func build(_ folder: TemporaryFolder, _ options: String) throws -> String {
        let (libraries, program) = (try Self.libraries, folder.file("tokens"))
        let built = try shell(
            "$(command -v clang || echo cc) -std=c11 -Wall -Wextra -Werror \(options) -I'\(Files.path("Sources/CVqw2v"))' "
                + "'\(Files.path("Examples/C/tokens.c"))' '\(libraries)/libCInterface.so' -Wl,-rpath,'\(libraries)' "
                + "-o '\(program)'")
        try #require(built.code == 0, "\(built.errors)")
        return program
    }

    @Test(.disabled(if: isSanitized), arguments: ["-O2", "-g -fsanitize=address,undefined"])
    func exampleRuns(options: String) throws {
        let folder = try TemporaryFolder()
        let program = try build(folder, options)
        let samples = sweep(20000)
        let file = try folder.write(samples.flatMap { little($0.bitPattern) }, to: "samples")
        let ids = try CModel(Files.gumbel).quantize(samples)
        let lines = stride(from: 0, to: ids.count, by: 2).map { "\(ids[$0])-\(ids[$0 + 1]) " }
        let good = try shell("'\(program)' '\(Files.gumbel)' <'\(file)'")
        #expect(good.code == 0 && good.errors.isEmpty, "\(good.errors)")
        #expect(good.output == lines.joined() + "\n")
        let bad = try shell("ASAN_OPTIONS=detect_leaks=0 '\(program)' nothing.pt <'\(file)'")
        #expect(bad.code == 1 && bad.output.isEmpty)
        #expect(bad.errors.hasPrefix("error: nothing.pt cannot be read"))
    }

    /// The header is C++, too.
    @Test func headerIsCPlusPlus() throws {
        let built = try shell(
            "echo '#include <vqw2v.h>' | $(command -v clang++ || echo c++) -std=c++17 -Wall -Wextra -Werror -pedantic "
                + "-I'\(Files.path("Sources/CVqw2v"))' -fsyntax-only -x c++ -")
        #expect(built.code == 0, "\(built.errors)")
    }
}
