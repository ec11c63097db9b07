import Files
import Foundation
import SystemPackage
import TestSupport
import TokenFiles

/// A folder to write tokens to, and the utterances that most tests write.
struct TokenTrial {
    let folder: TemporaryFolder
    /// G = 2, V = 300.
    static let pairs = TokenizedUtterance(
        path: "b/x.wav", samples: 800, sampleRate: 16000, groups: 2, ids: [3, 17, 3, 17, 250, 4])
    static let single = TokenizedUtterance(
        path: "a.flac", samples: 500, sampleRate: 8000, groups: 2, ids: [0, 299])

    init() throws { folder = try TemporaryFolder() }

    func options(
        _ format: TokenFormat, _ ids: TokenIDs? = nil, deduplicates: Bool = false, output: String? = "out"
    ) -> TokenOutputOptions {
        var options = TokenOutputOptions()
        (options.format, options.ids, options.deduplicates) = (format, ids, deduplicates)
        options.output = output.map(folder.file)
        return options
    }

    /// Starts an output of a model with V = 300.
    func start(
        _ options: TokenOutputOptions, paths: [String], groups: Int = 2, first: Int = 0,
        inputs: [String] = []
    ) throws -> TokenOutput {
        try options.check(resamples: false)
        return try TokenOutput(
            options, encoding: options.encoding(groups: groups, codewords: 300),
            recordings: paths.map { RecordingName(path: $0) }, first: first,
            inputs: inputs.map { FilePath($0) }, description: description())
    }

    /// Writes the two utterances, with one recording between them that could not be used.
    func write(_ options: TokenOutputOptions) throws {
        let paths = [Self.pairs.path.description, "bad.wav", Self.single.path.description]
        let output = try start(options, paths: paths)
        try output.write(Self.pairs)
        try output.skip(path: "bad.wav")
        try output.write(Self.single)
        try output.finish()
    }

    /// What that leaves in the file of the tokens.
    func text(_ format: TokenFormat, _ ids: TokenIDs? = nil, deduplicates: Bool = false) throws -> String {
        try write(options(format, ids, deduplicates: deduplicates))
        return try folder.text("out")
    }

    /// - Parameter checkpoint: its name; the usual one contains `abc`.
    func description(checkpoint name: String = "checkpoint", program: String = "program 1") throws
        -> OutputDescription
    {
        let checkpoint = folder.file(name)
        if !FileManager.default.fileExists(atPath: checkpoint) {
            _ = try folder.write(Array((name == "checkpoint" ? "abc" : name).utf8), to: name)
        }
        let provenance = Provenance(
            program: program, checkpoint: try FileHash(path: checkpoint), configuration: #"{"a":[1,"b"]}"#)
        return try OutputDescription(provenance, facts: ["hop_samples": 160, "first_frame_seconds": 0.0145])
    }

    /// Names of what is there, the checkpoint left out.
    var names: [String] { get throws { try folder.names.filter { $0 != "checkpoint" } } }

    /// The SHA-256 of `abc` (FIPS 180-2, appendix B.1).
    static let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
}

/// The bytes of a number, lowest first.
func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
