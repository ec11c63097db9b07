import Foundation
import TestSupport
import Testing
import TokenFiles

/// What cannot be written is refused before any work, and leaves nothing.
@Suite struct TokenRefusalTests {
    let trial: TokenTrial

    init() throws { trial = try TokenTrial() }

    private func refusal(
        _ options: TokenOutputOptions, paths: [String] = ["x.wav"], groups: Int = 2, inputs: [String] = []
    ) -> String {
        message { _ = try trial.start(options, paths: paths, groups: groups, inputs: inputs) }
    }

    @Test(arguments: ["a\tb", "a\nb", "a\r\nb"]) func tsvRefusesPathsThatBreakIt(_ path: String) throws {
        let text = refusal(trial.options(.tsv), paths: ["good", path])
        #expect(text.hasPrefix("\"a\\") && text.contains("use jsonl"))
        #expect(try trial.names.isEmpty)
    }

    @Test(arguments: [
        (TokenFormat.gslm, "a|b.wav", "contains a |"), (.gslm, "a\nb.wav", "line end"),
        (.kaldi, "a b.wav", "white space"), (.kaldi, "a\u{a0}b.wav", "white space"),
        (.kaldi, "a\u{1c}b.wav", "white space"), (.kaldi, "/", "is empty"), (.npy, "/", "no name for a file"),
        (.npz, "/", "is empty"), (.safetensors, "__metadata__.wav", "means something else"),
        (.npz, String(repeating: "n", count: 1001), "longer than 1000 bytes"),
    ])
    func namesThatAFormatCannotHold(format: TokenFormat, path: String, problem: String) throws {
        let text = refusal(trial.options(format), paths: ["good", path])
        #expect(text.hasPrefix("\(path): its name ") && text.contains(problem), "\(text)")
        #expect(try trial.names.isEmpty)
    }

    @Test(
        arguments: [TokenFormat.gslm, .npy, .npz, .safetensors, .kaldi, .lhotse],
        [
            ("a/x.wav", "b/x.wav"), ("x.wav", "x.flac"), ("a.b/x", "x.wav"), ("x.wav", "x.wav"), ("/x", "x"),
        ])
    func namesThatMeet(_ format: TokenFormat, _ paths: (String, String)) throws {
        let text = refusal(trial.options(format), paths: ["y.wav", paths.0, paths.1])
        #expect(text.hasPrefix("\(paths.0) and \(paths.1) would both be written as \"x\""), "\(text)")
        #expect(try trial.names.isEmpty)
    }

    @Test(arguments: [TokenFormat.tsv, .fairseq, .jsonl]) func namesMayMeetInOthers(_ format: TokenFormat)
        throws
    {
        _ = try trial.start(trial.options(format), paths: ["a/x.wav", "b/x.wav"])
    }

    @Test(arguments: [TokenFormat.npy, .npz, .safetensors]) func durationsMeetNoName(_ format: TokenFormat)
        throws
    {
        let paths = ["x.wav", "x.durations.wav"]
        #expect(refusal(trial.options(format), paths: paths) == "no error")
        let options = trial.options(format, deduplicates: true, output: "other")
        #expect(refusal(options, paths: paths).contains("both be written as \"x.durations\""))
    }

    @Test(arguments: [TokenFormat.npy, .npz, .safetensors, .kaldi])
    func arraysNeedAFile(_ format: TokenFormat) {
        #expect(refusal(trial.options(format, output: nil)).contains("--output"))
        var options = trial.options(format)
        options.output = "/dev/null"
        #expect(refusal(options).hasPrefix("/dev/null is a device or a pipe"))
    }

    @Test func combinationsThatMeanNothing() {
        #expect(refusal(trial.options(.gslm, .pair)).contains("use --ids combined or flat"))
        #expect(
            message { try trial.options(.lhotse).check(resamples: true) }.contains(
                "cannot go with --resample"))
        for format in TokenFormat.allCases where format != .fairseq {
            var options = trial.options(format)
            options.labels = "ltr"
            #expect(
                refusal(options)
                    == "--labels goes with --format fairseq, not \(format.rawValue); leave it out")
            (options.labels, options.dictionary) = (nil, "dict.txt")
            #expect(refusal(options).hasPrefix("--dictionary goes with --format fairseq"))
        }
        for format in [TokenFormat.fairseq, .gslm] {
            #expect(
                refusal(trial.options(format, deduplicates: true, output: nil)).contains(
                    "durations beside the output"))
        }
        var options = trial.options(.fairseq, output: nil)
        options.labels = "ltr"
        #expect(refusal(options).hasPrefix("--labels writes a file beside the output"))
    }

    @Test func floatsHoldEveryPair() throws {
        let options = trial.options(.kaldi)
        _ = try options.encoding(groups: 1, codewords: 1 << 24 + 1)
        #expect(
            message { _ = try options.encoding(groups: 1, codewords: 1 << 24 + 2) }.contains("32-bit floats"))
    }

    @Test(arguments: TokenFormat.allCases.filter { $0 != .npy })
    func anInputIsNeverOverwritten(_ format: TokenFormat) throws {
        let name = format == .kaldi ? "a.ark" : "a.wav"
        let path = try trial.folder.write([1], to: name)
        #expect(refusal(trial.options(format, output: name), paths: ["x", path]).contains("is an input"))
        // Nor a manifest or a checkpoint, by whatever name.
        let other = trial.folder.path + "/./" + name
        #expect(refusal(trial.options(format, output: name), inputs: [other]).contains("is an input"))
        #expect(try trial.folder.read(name) == [1])
    }

    @Test(arguments: ["out.json", "dict.txt", "out.dur", "out.lbl"])
    func norByACompanion(_ name: String) throws {
        var options = trial.options(.fairseq, deduplicates: true)
        options.labels = try trial.folder.write("l\n", to: "labels")
        options.dictionary = trial.folder.file("dict.txt")
        let input = try trial.folder.write([1], to: name)
        #expect(refusal(options, inputs: [input]) == "\(input) is an input; give the output another name")
    }

    @Test func filesThatWouldBeWrittenTwice() {
        var options = trial.options(.fairseq)
        options.vocabulary = trial.folder.path
        #expect(refusal(options).contains("are one file, to be written twice"))
        options.vocabulary = nil
        options.dictionary = trial.folder.file("./out")
        #expect(refusal(options).contains("are one file, to be written twice"))
    }

    @Test(arguments: TokenFormat.allCases) func missingFoldersAreMade(_ format: TokenFormat) throws {
        try trial.write(trial.options(format, output: "a/b/out"))
        #expect(try trial.names == ["a"])
        // But not where a file is in the way.
        _ = try trial.folder.write([], to: "file")
        let text = refusal(trial.options(format, output: "file/b/out"))
        #expect(text.contains("not a folder") || text.contains("Not a directory"), "\(text)")
    }

    @Test(arguments: TokenFormat.allCases, [".", "..", "", "a/..", "a/.", "/"])
    func namesThatAreNone(_ format: TokenFormat, _ name: String) {
        var options = trial.options(format)
        options.output = name
        #expect(refusal(options).hasPrefix("\"\(name)\" is not the name of"), "\(refusal(options))")
        options.output = trial.folder.file("out")
        options.vocabulary = name
        #expect(refusal(options).hasPrefix("\"\(name)\" is not the name of a folder"))
    }

    @Test func aDashIsStandardOutput() {
        var options = TokenOutputOptions()
        for name in ["-", "/dev/stdout"] {
            options.output = name
            #expect(options.output == nil && options.location == nil)
        }
    }

    @Test func npyNeedsAFolder() throws {
        _ = try trial.folder.write([], to: "file")
        #expect(refusal(trial.options(.npy, output: "file")).contains("is not a folder"))
    }

    /// Every file is begun before the work, not at its end.
    @Test func aCompanionThatCannotBeWritten() throws {
        let options = trial.options(.fairseq)
        try FileManager.default.createDirectory(
            atPath: trial.folder.file("out.json"), withIntermediateDirectories: false)
        #expect(refusal(options).contains("out.json cannot be written"))
        #expect(try trial.names == ["out.json"])
    }
}
