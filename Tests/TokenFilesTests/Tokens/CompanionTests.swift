import Files
import Foundation
import TensorFiles
import TestSupport
import Testing
import TokenFiles

/// Labels, dictionaries, vocabularies and descriptions, beside the tokens.
@Suite struct CompanionTests {
    let trial: TokenTrial

    init() throws { trial = try TokenTrial() }

    private func labelled(_ labels: String, output: String = "train.src") -> TokenOutputOptions {
        var options = trial.options(.fairseq, output: output)
        options.labels = labels
        return options
    }

    /// A recording without tokens keeps its label: both files are counted by line.
    @Test func labelsOfAFile() throws {
        let labels = try trial.folder.write("H E | \r\n\nÉ\t", to: "labels")
        try trial.write(labelled(labels))
        #expect(try trial.folder.text("train.lbl") == "H E |\n\nÉ\n")
        #expect(try trial.folder.text("train.src").filter { $0 == "\n" }.count == 3)
    }

    @Test func aByteOrderMarkIsNoLabel() throws {
        let labels = try trial.folder.write(Array("\u{FEFF}one\ntwo\nthree\n".utf8), to: "labels")
        try trial.write(labelled(labels))
        #expect(try trial.folder.text("train.lbl").utf8.elementsEqual("one\ntwo\nthree\n".utf8))
    }

    @Test func labelsOfAPartOfTheRecordings() throws {
        let labels = try trial.folder.write("one\ntwo\nthree\n", to: "labels")
        let paths = ["1.wav", "2.wav", "3.wav"]
        let output = try trial.start(labelled(labels), paths: paths, groups: 1, first: 1)
        for path in paths.dropFirst() {
            try output.write(TokenizedUtterance(path: path, samples: 1, sampleRate: 1, groups: 1, ids: [1]))
        }
        try output.finish()
        #expect(try trial.folder.text("train.lbl") == "two\nthree\n")
    }

    @Test func labelsBesideTheRecordings() throws {
        let folder = trial.folder.path
        _ = try trial.folder.write("first line \nsecond\n", to: "x.y.ltr")
        _ = try trial.folder.write([], to: "z.ltr")
        let paths = ["\(folder)/x.y.wav", "\(folder)/z"]
        let output = try trial.start(labelled("ltr"), paths: paths, groups: 1)
        for path in paths {
            try output.write(TokenizedUtterance(path: path, samples: 1, sampleRate: 1, groups: 1, ids: [1]))
        }
        try output.finish()
        #expect(try trial.folder.text("train.lbl") == "first line\n\n")
    }

    @Test func labelsThatDoNotFit() throws {
        let paths = ["a.wav", "b.wav"]
        func refusal(_ options: TokenOutputOptions) -> String {
            message { _ = try trial.start(options, paths: paths) }
        }
        for text in ["one\n", "one\ntwo\nthree", "", "\n\n\n"] {
            let labels = try trial.folder.write(Array(text.utf8), to: "labels")
            #expect(refusal(labelled(labels)).contains("lines for 2 recordings"), "\(text)")
        }
        #expect(refusal(labelled("ltr")).hasPrefix("a.wav: no labels in a.ltr"))
        let damaged = try trial.folder.write([0xFF, 10, 10], to: "labels")
        #expect(refusal(labelled(damaged)).contains("not UTF-8"))
        // `--labels train.lbl --output train.src` would write over the labels.
        let own = try trial.folder.write("1\n2\n", to: "train.lbl")
        #expect(refusal(labelled(own)).contains("is an input"))
        #expect(refusal(labelled(trial.folder.path)).contains("directory"))
    }

    /// Falling counts, then the order of the text, as in fairseq.
    @Test func dictionary() throws {
        let output = try trial.start(trial.options(.fairseq, output: "a.src"), paths: ["x"])
        try output.write(
            TokenizedUtterance(
                path: "x", samples: 1, sampleRate: 1, groups: 2, ids: [10, 0, 9, 0, 2, 1, 2, 1, 10, 0, 10, 0])
        )
        try output.finish()
        #expect(try trial.folder.text("dict.txt") == "10-0 3\n2-1 2\n9-0 1\n")
    }

    /// The dictionary of training data is not replaced by that of validation data.
    @Test func aDictionaryOfAnotherOutputIsKept() throws {
        try trial.write(trial.options(.fairseq, output: "train.src"))
        let other = trial.options(.fairseq, output: "valid.src")
        let text = message { try trial.write(other) }
        #expect(text.contains("dict.txt is there already") && text.contains("--dictionary"))
        #expect(!FileManager.default.fileExists(atPath: trial.folder.file("valid.src")))
        try trial.write(trial.options(.fairseq, .flat, output: "train.src"))
        #expect(try trial.folder.text("dict.txt").contains("317 2\n"))
        var named = other
        named.dictionary = trial.folder.file("valid.txt")
        try trial.write(named)
        #expect(try trial.folder.text("valid.txt") == "3-17 2\n0-299 1\n250-4 1\n")
        // Its description names the other dictionary.
        #expect(message { try trial.write(other) }.contains("dict.txt is there already"))
    }

    @Test(arguments: [
        (TokenFormat.tsv, TokenIDs.pair, ["3-17 2", "0-299 1", "250-4 1"]),
        (.npz, .combined, ["917 2", "299 1", "75004 1"]),
        (.safetensors, .flat, ["3 2", "317 2", "0 1", "250 1", "304 1", "599 1"]),
    ])
    func vocabulary(format: TokenFormat, ids: TokenIDs, lines: [String]) throws {
        var options = trial.options(format, ids)
        options.vocabulary = trial.folder.file("words/")
        try trial.write(options)
        #expect(try trial.folder.text("words/dict.txt") == lines.map { $0 + "\n" }.joined())
        let sidecar = format == .safetensors ? [] : ["out.json"]
        #expect(try trial.names == (["out", "words", "words.json"] + sidecar).sorted())
        guard case .object(let tokenizer) = try JSONValue(parsing: trial.folder.text("words/tokenizer.json")),
            case .object(let model)? = tokenizer["model"]
        else { throw WrongContent("no tokenizer") }
        #expect(tokenizer["pre_tokenizer"] == .object(["type": .string("WhitespaceSplit")]))
        #expect(model["type"] == .string("WordLevel") && model["unk_token"] == .string("[UNK]"))
        let words =
            ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + lines.map { String($0.prefix { $0 != " " }) }
        var expected = JSONObject()
        for (id, word) in words.enumerated() { expected[word] = .integer(id) }
        #expect(model["vocab"] == .object(expected))
        guard case .array(let added)? = tokenizer["added_tokens"] else { throw WrongContent("no tokens") }
        #expect(added.count == 5)
    }

    @Test func description() throws {
        var options = trial.options(.npy, deduplicates: true, output: "ids/")
        options.vocabulary = trial.folder.file("words")
        try trial.write(options)
        let text = try trial.folder.text("ids.json")
        #expect(try trial.folder.text("words.json") == text)
        #expect(
            try JSONValue(parsing: text)
                == .object(
                    JSONObject(
                        [
                            "program": .string("program 1"),
                            "checkpoint": .string(trial.folder.file("checkpoint")),
                            "checkpoint_sha256": .string(TokenTrial.hash),
                            "configuration": .object(["a": .array([.integer(1), .string("b")])]),
                            "format": .string("npy"), "ids": .string("pair"), "groups": .integer(2),
                            "codewords": .integer(300), "deduplicated": .boolean(true),
                            "hop_samples": .integer(160), "first_frame_seconds": .number(0.0145),
                            "vocabulary": .string(trial.folder.file("words")),
                        ] as [String: JSONValue])))
    }

    /// The last file to appear is the one whose presence says that the output is complete.
    @Test func theLastFile() {
        #expect(trial.options(.tsv).location?.lastFile == trial.folder.file("out"))
        #expect(trial.options(.kaldi).location?.lastFile == trial.folder.file("out.scp"))
        #expect(trial.options(.npy).location?.lastFile == nil)
        #expect(trial.options(.tsv, output: nil).location == nil)
    }
}
