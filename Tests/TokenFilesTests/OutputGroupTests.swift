import Files
import Foundation
import SystemPackage
import TensorFiles
import TestSupport
import Testing
import TokenFiles

/// Files of an output appear together, and replace only what is theirs.
@Suite struct OutputGroupTests {
    let trial: TokenTrial

    init() throws { trial = try TokenTrial() }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: trial.folder.file(name))
    }

    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: trial.folder.file(name), withIntermediateDirectories: false)
    }

    private func labelled(_ ids: TokenIDs) throws -> TokenOutputOptions {
        var options = trial.options(.fairseq, ids, deduplicates: true, output: "a.src")
        options.labels = try trial.folder.write("1\n2\n3\n", to: "labels")
        options.vocabulary = trial.folder.file("words")
        return options
    }

    private static let files = [
        "a.src.json", "words.json", "dict.txt", "a.lbl", "a.dur", "words/tokenizer.json", "a.src",
    ]

    /// Whichever name cannot be given: no output is there that is not whole, and the command can be repeated.
    @Test(arguments: files) func anEndBetweenTwoNames(_ name: String) throws {
        let options = try labelled(.pair)
        let output = try trial.start(options, paths: ["b/x.wav", "bad.wav", "a.flac"])
        try output.write(TokenTrial.pairs)
        try output.skip(path: "bad.wav")
        try output.write(TokenTrial.single)
        try makeFolder(name)
        let isShared = ["dict.txt", "words/tokenizer.json"].contains(name)
        #expect(
            message { try output.finish() }.contains(isShared ? "is there already" : "cannot be written"))
        try FileManager.default.removeItem(atPath: trial.folder.file(name))
        #expect(!exists("a.src"))
        try trial.write(options)
        for name in Self.files { #expect(exists(name), "\(name)") }
    }

    /// Where one of the names cannot be given, the old output is there again with all that belongs to it.
    @Test(arguments: files) func aFailureLeavesTheOldOutput(_ name: String) throws {
        try trial.write(labelled(.pair))
        let output = try trial.start(labelled(.flat), paths: ["b/x.wav", "bad.wav", "a.flac"])
        try output.write(TokenTrial.pairs)
        try output.prepare()
        try FileManager.default.removeItem(atPath: trial.folder.file(name))
        try makeFolder(name)
        let before = try contents(without: name)
        // Without its description nothing says that the counts are this output's.
        let isUnknown = name == "a.src.json"
        #expect(
            message { try output.publish() }.contains(isUnknown ? "is there already" : "cannot be written"))
        #expect(try contents(without: name) == before)
        #expect(try trial.folder.names.filter { $0.contains("vqw2v-") } == [])
    }

    private func contents(without missing: String) throws -> [String: [UInt8]] {
        let names = Self.files.filter { $0 != missing && exists($0) }
        return try Dictionary(uniqueKeysWithValues: names.map { ($0, try trial.folder.read($0)) })
    }

    @Test(arguments: TokenFormat.allCases.filter { $0 != .safetensors })
    func anUnrelatedDescriptionIsKept(_ format: TokenFormat) throws {
        let name = format == .kaldi ? "out.ark.json" : "out.json"
        for text in ["{}", "mine", #"{"program":"x"}"#] {
            let file = try trial.folder.write(Array(text.utf8), to: name)
            let problem = message { try trial.write(trial.options(format)) }
            #expect(problem.hasPrefix("\(file) is there already and not known to belong to"), "\(problem)")
            #expect(try trial.names == [name] && trial.folder.text(name) == text)
        }
    }

    @Test(arguments: ["a.lbl", "a.dur", "words/dict.txt", "words/tokenizer.json", "words.json"])
    func unrelatedCompanionsAreKept(_ name: String) throws {
        try makeFolder("words")
        let file = try trial.folder.write("mine", to: name)
        let problem = message { try trial.write(labelled(.pair)) }
        #expect(problem.hasPrefix("\(file) is there already and not known to belong to"), "\(problem)")
        #expect(try trial.folder.text(name) == "mine")
        #expect(!exists("a.src") && !exists("dict.txt"))
    }

    @Test func anOutputMayBeReplacedByAnother() throws {
        for ids in [TokenIDs.pair, .flat, .flat] { try trial.write(labelled(ids)) }
        #expect(try trial.folder.text("a.src") == "3 317 250 304\n\n0 599\n")
        #expect(try trial.folder.text("words/dict.txt").contains("599 1\n"))
    }

    /// A link where a file of a folder is to be, or one beside an output, leads nowhere.
    @Test func plantedLinksAreReplaced() throws {
        let victim = try trial.folder.write("mine", to: "victim")
        try makeFolder("words")
        var options = trial.options(.npy, output: "ids")
        try trial.write(options)
        func plant(_ name: String) throws {
            try FileManager.default.removeItem(atPath: trial.folder.file(name))
            #expect(symlink(victim, trial.folder.file(name)) == 0)
        }
        try plant("ids/x.npy")
        try trial.write(options)
        #expect(try trial.folder.text("victim") == "mine")
        #expect(try trial.folder.read("ids/x.npy").count == 128 + 24)
        // What is not known to be a description of these ids is nothing to replace.
        try plant("ids.json")
        #expect(throws: OutputError.self) { try trial.write(options) }
        #expect(try trial.folder.text("victim") == "mine")
        // Of an archive the user names no file.
        let files = ["k.ark", "k.scp", "k.durations.ark", "k.durations.scp"]
        for name in files {
            let another = try trial.folder.write("mine", to: "victim of \(name)")
            #expect(symlink(another, trial.folder.file(name)) == 0)
        }
        try trial.write(trial.options(.kaldi, deduplicates: true, output: "k"))
        #expect(try files.allSatisfy { try trial.folder.text("victim of \($0)") == "mine" })
        #expect(try trial.folder.text("k.durations.scp").contains("k.durations.ark:"))
        // The output itself is what the user names: it may lie elsewhere.
        options = trial.options(.tsv, output: "link")
        #expect(symlink(victim, trial.folder.file("link")) == 0)
        try trial.write(options)
        #expect(try trial.folder.text("victim").hasPrefix("b/x.wav\t"))
    }

    /// Nor does one among the folders that a name with slashes needs.
    @Test func plantedFoldersAreNotEntered() throws {
        for name in ["ids", "elsewhere"] { try makeFolder(name) }
        #expect(symlink(trial.folder.file("elsewhere"), trial.folder.file("ids/day1")) == 0)
        let options = trial.options(.npy, output: "ids")
        let output = try TokenOutput(
            options, encoding: options.encoding(groups: 2, codewords: 300),
            recordings: [RecordingName(path: "day1/a.wav", name: "day1/a")], first: 0, inputs: [],
            description: trial.description())
        let utterance = TokenizedUtterance(
            path: "day1/a.wav", name: "day1/a", samples: 500, sampleRate: 8000, groups: 2, ids: [0, 299])
        let text = message { try output.write(utterance) }
        #expect(text.contains("ids/day1 is a link"), "\(text)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: trial.folder.file("elsewhere")) == [])
    }

    // MARK: Folders

    @Test func aFolderHoldsOneMakeOnly() throws {
        try trial.write(trial.options(.npy, output: "ids"))
        let before = try trial.folder.read("ids/x.npy")
        let problem = message { try trial.write(trial.options(.npy, .flat, output: "ids")) }
        #expect(
            problem == "\(trial.folder.file("ids")) was made with other options: ids is \"pair\" there and "
                + "\"flat\" here; name another output, or remove it")
        #expect(try trial.folder.read("ids/x.npy") == before)
        try trial.write(trial.options(.npy, output: "ids"))
    }

    /// The description is there before the first array: a command that is killed leaves none without.
    @Test func theDescriptionOfAFolderComesFirst() throws {
        let options = trial.options(.npy, output: "ids")
        let output = try trial.start(options, paths: ["b/x.wav"])
        #expect(!exists("ids.json"))
        try output.write(TokenTrial.pairs)
        #expect(exists("ids.json") && exists("ids/x.npy"))
    }

    @Test func aFolderOfNothingIsNotLeft() throws {
        do { _ = try trial.start(trial.options(.npy, output: "ids"), paths: ["x"]) }
        #expect(try trial.names.isEmpty)
    }

    @Test func arraysOfAnyoneAreKept() throws {
        try makeFolder("ids")
        let file = try trial.folder.write([1], to: "ids/x.npy")
        let problem = message { try trial.write(trial.options(.npy, output: "ids")) }
        #expect(problem.hasPrefix("\(file) is there already, and nothing says"))
        #expect(try trial.folder.read("ids/x.npy") == [1])
    }

    // MARK: What is done already

    @Test(arguments: [TokenFormat.tsv, .safetensors, .kaldi]) func isComplete(_ format: TokenFormat) throws {
        let options = trial.options(format)
        let encoding = try options.encoding(groups: 2, codewords: 300)
        func isComplete(_ base: OutputDescription) throws -> Bool {
            let location = try #require(options.location)
            return try location.isComplete(as: options.description(base, encoding))
        }
        #expect(try !isComplete(trial.description()))
        try trial.write(options)
        #expect(try isComplete(trial.description()))
        // Of what could not be read another attempt may read more, and nothing else is to be made anew.
        let output = try trial.start(options, paths: ["b/x.wav", "bad.wav"])
        try output.write(TokenTrial.pairs)
        try output.skip(path: "bad.wav")
        output.noteUnread(1)
        try output.finish()
        #expect(try !isComplete(trial.description()))
        try trial.write(options)
        #expect(try isComplete(trial.description()))
        // Another version computes the same.
        #expect(try isComplete(trial.description(program: "program 2")))
        let other = message { _ = try isComplete(trial.description(checkpoint: "other")) }
        #expect(other.contains("was made with another checkpoint (SHA-256 ba7816bf8f01…)"), "\(other)")
    }
}
