import Foundation
import Testing

/// The built program, as users call it.
struct Program {
    struct Result {
        /// The exit code; minus the signal's number where one ended the program.
        let code: Int32
        let output: String
        let errors: String

        var outputLines: [Substring] { output.split(separator: "\n") }
        var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// The working folder.
    let folder: String

    /// Runs it to its end, two minutes at most.
    func run(_ arguments: String...) throws -> Result { try run(arguments) }

    func run(_ arguments: [String]) throws -> Result { try start(arguments).finish() }

    /// Starts it and comes back at once.
    func start(_ arguments: [String]) throws -> Running { try Running(arguments, folder: folder) }

    /// A line of a shell, in which `$VQW2V` is the program.
    func shell(_ line: String) throws -> Result {
        try Running(["-c", line], folder: folder, executable: URL(fileURLWithPath: "/bin/sh")).finish()
    }

    /// Beside the test bundle, wherever that was built; else in the package's build folder.
    static var executable: URL {
        get throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            let bundles = [
                Bundle.main.executableURL, URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath(),
                CommandLine.arguments.first.map { URL(fileURLWithPath: $0) },
            ]
            var candidates = bundles.compactMap { $0?.deletingLastPathComponent().appending(path: "vqw2v") }
            candidates += ["release", "debug"].map { root.appending(path: ".build/\($0)/vqw2v") }
            return try #require(
                candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) },
                "no program among \(candidates.map(\.path))")
        }
    }
}

/// A program that has been started; what it prints goes to files, so that it never waits for a reader.
final class Running {
    private let process = Process()
    private let outputs: [URL]

    init(_ arguments: [String], folder: String, executable: URL? = nil) throws {
        let program = try Program.executable
        process.executableURL = executable ?? program
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(
            // A trap is seen by its signal: a report of it takes seconds.
            ["VQW2V": program.path, "SWIFT_BACKTRACE": "enable=no"], uniquingKeysWith: { $1 })
        outputs = ["out", "err"].map {
            FileManager.default.temporaryDirectory.appending(path: "vqw2v-\(UUID().uuidString).\($0)")
        }
        for url in outputs { try Data().write(to: url) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: outputs[0])
        process.standardError = try FileHandle(forWritingTo: outputs[1])
        try process.run()
    }

    deinit { for url in outputs { try? FileManager.default.removeItem(at: url) } }

    var errors: String { (try? String(contentsOf: outputs[1], encoding: .utf8)) ?? "" }

    /// Waits until the program has printed a text to stderr.
    func wait(for text: String) throws {
        try wait("\"\(text)\" on stderr") { errors.contains(text) || !process.isRunning }
        try #require(errors.contains(text), "\(errors)")
    }

    var processIdentifier: Int32 { process.processIdentifier }

    /// Waits until the program has begun a file, which has no name yet.
    func waitForOutput() throws {
        let descriptors = "/proc/\(process.processIdentifier)/fd"
        try wait("a file without a name") {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: descriptors)) ?? []
            let hasBegun = names.contains { name in
                let target = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "\(descriptors)/\(name)")
                return target?.hasSuffix(" (deleted)") == true && target?.contains("vqw2v-") == true
            }
            return hasBegun || !process.isRunning
        }
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    func finish() throws -> Program.Result {
        try wait("the end of the program") { !process.isRunning }
        process.waitUntilExit()
        let code = process.terminationStatus
        return Program.Result(
            code: process.terminationReason == .uncaughtSignal ? -code : code,
            output: try String(contentsOf: outputs[0], encoding: .utf8), errors: errors)
    }

    private func wait(_ what: String, until condition: () -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 120)
        while !condition() {
            if Date() > deadline {
                process.terminate()
                kill(process.processIdentifier, SIGKILL)
                try #require(Bool(false), "waited in vain for \(what): \(errors)")
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}
