import Foundation
import Testing

/// `quantize` with other formats, ids and companions.
@Suite struct QuantizeFormatTests {
    let place: Workplace
    let model: String

    init() throws {
        place = try Workplace()
        model = try place.train()
    }

    private func quantize(_ arguments: String...) throws -> Program.Result {
        try place.program.run(["quantize", "--checkpoint", model, "data"] + arguments)
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try place.bytes(name), as: UTF8.self)
    }

    /// The recordings' frames, as the default format has them.
    private func frames() throws -> [[[Int]]] {
        try quantize().outputLines.map { line in
            line.split(separator: "\t")[1].split(separator: " ").map {
                $0.split(separator: "-").compactMap { Int($0) }
            }
        }
    }

    private func sha256(_ name: String) throws -> String {
        String(try place.program.shell("sha256sum \(name)").output.prefix { $0 != " " })
    }

    @Test func combinedAndFlatIDsAreThoseOfThePairs() throws {
        let frames = try frames()
        try #require(frames.count == 5 && frames.allSatisfy { $0.allSatisfy { $0.count == 2 } })
        let combined = try quantize("--format", "gslm")
        let flat = try quantize("--format", "gslm", "--ids", "flat")
        for (index, recording) in frames.enumerated() {
            let numbers = recording.map { String($0[0] * 8 + $0[1]) }.joined(separator: " ")
            #expect(combined.outputLines[index] == "\(index)|\(numbers)")
            let interleaved = recording.map { "\($0[0]) \($0[1] + 8)" }.joined(separator: " ")
            #expect(flat.outputLines[index] == "\(index)|\(interleaved)")
        }
    }

    @Test func durationsRestoreTheFrames() throws {
        let whole = try quantize()
        let result = try quantize("--deduplicate")
        var shorter = 0
        for (line, expected) in zip(result.outputLines, whole.outputLines) {
            let fields = line.split(separator: "\t")
            try #require(fields.count == 3)
            let durations = fields[2].split(separator: " ").compactMap { Int($0) }
            let tokens = fields[1].split(separator: " ")
            try #require(tokens.count == durations.count)
            shorter += durations.filter { $0 > 1 }.count
            #expect(zip(tokens, tokens.dropFirst()).allSatisfy { $0 != $1 })
            let frames = zip(tokens, durations).flatMap { Array(repeating: $0, count: $1) }
            #expect("\(fields[0])\t\(frames.joined(separator: " "))" == expected)
        }
        #expect(shorter > 0)
    }

    @Test func everyOutputHasTheHashOfTheCheckpoint() throws {
        let hash = try sha256(model)
        #expect(hash.count == 64)
        #expect(try quantize().errors.contains("\ncheckpoint        \(hash) (SHA-256)\n"))
        let before = try place.files()
        var expected: Set<String> = []
        for (format, output, files) in [
            ("tsv", "a", ["a", "a.json"]), ("fairseq", "b.src", ["b.src", "b.src.json", "dict.txt"]),
            ("gslm", "c", ["c", "c.json"]), ("jsonl", "d", ["d", "d.json"]),
            ("npy", "e", ["e", "e.json"] + (0..<5).map { "e/\($0).npy" }), ("npz", "f", ["f", "f.json"]),
            ("safetensors", "g", ["g"]), ("kaldi", "h", ["h.ark", "h.scp", "h.ark.json"]),
            ("lhotse", "i", ["i", "i.json"]),
        ] {
            let result = try quantize("--format", format, "--output", output)
            #expect(result.code == 0 && result.output.isEmpty, "\(result.errors)")
            expected.formUnion(files)
            #expect(try place.files().subtracting(before) == expected, "\(format)")
            guard let description = files.first(where: { $0.hasSuffix(".json") }) else {
                let header = try text(output)
                #expect(header.contains("\"checkpoint_sha256\":\"\(hash)\""))
                #expect(header.contains("\\\"variables\\\":8"))
                continue
            }
            let object = try #require(
                try JSONSerialization.jsonObject(with: place.bytes(description)) as? [String: Any])
            #expect(object["checkpoint_sha256"] as? String == hash)
            #expect(object["format"] as? String == format)
            let configuration = try #require(object["configuration"] as? [String: Any])
            #expect((configuration["quantizer"] as? [String: Any])?["variables"] as? Int == 8)
            #expect(object["hop_samples"] as? Int == 20 && object["window_samples"] as? Int == 45)
        }
    }

    @Test func labelsCountsAndVocabulary() throws {
        try place.write((0..<5).map { "LABEL \($0)\n" }.joined(), to: "labels")
        let result = try quantize(
            "--format", "fairseq", "--output", "train.src", "--labels", "labels", "--vocabulary", "words")
        #expect(result.code == 0, "\(result.errors)")
        #expect(try text("train.lbl") == text("labels"))
        var counts: [String: Int] = [:]
        for frame in try frames().joined() { counts["\(frame[0])-\(frame[1])", default: 0] += 1 }
        let lines = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.key) \($0.value)\n"
        }
        #expect(try text("dict.txt") == lines.joined())
        #expect(try text("words/dict.txt") == lines.joined())
        let tokenizer = try #require(
            try JSONSerialization.jsonObject(with: place.bytes("words/tokenizer.json")) as? [String: Any])
        let vocabulary = (tokenizer["model"] as? [String: Any])?["vocab"] as? [String: Int]
        #expect(vocabulary?.count == counts.count + 5)
        #expect(place.exists("words.json"))
        // What belongs to an output and is not there is made.
        for name in ["train.lbl", "dict.txt", "words/tokenizer.json"] {
            let before = try place.bytes(name)
            try FileManager.default.removeItem(atPath: "\(place.path)/\(name)")
            for expected in ["files             5", "nothing to do"] {
                let again = try quantize(
                    "--format", "fairseq", "--output", "train.src", "--labels", "labels", "--vocabulary",
                    "words",
                    "--skip-existing")
                #expect(again.code == 0 && again.errors.contains(expected), "\(name): \(again.errors)")
                #expect(try place.bytes(name) == before)
            }
        }
        try place.write((0..<5).map { "OTHER \($0)\n" }.joined(), to: "others")
        let other = try quantize(
            "--format", "fairseq", "--output", "train.src", "--labels", "others", "--vocabulary", "words",
            "--skip-existing")
        #expect(other.code == 1 && other.errors.contains("other options: labels is"), "\(other.errors)")
    }

    /// Options that do not go together: refused before anything is read, with nothing written.
    @Test(arguments: [
        (["--format", "gslm", "--ids", "pair"], "cannot hold pairs"),
        (["--format", "lhotse", "--resample"], "cannot go with --resample"),
        (["--format", "npz"], "cannot be written to standard output"),
        (["--format", "npz", "--output", "-"], "cannot be written to standard output"),
        (["--format", "kaldi"], "name X (--output)"),
        (["--format", "safetensors"], "name a file (--output)"),
        (["--format", "npy", "--output", "/dev/null"], "/dev/null is a device or a pipe"),
        (["--format", "fairseq", "--deduplicate"], "writes durations beside the output"),
        (["--labels", "ltr", "--output", "x"], "--labels goes with --format fairseq, not tsv"),
        (["--output", "."], "\".\" is not the name of a file"),
        (["--format", "npy", "--output", "data/.."], "\"data/..\" is not the name of a folder"),
        (["--format", "kaldi", "--output", "data/"], "\"data/\" is not the name of a file"),
        (["--output", "x", "--vocabulary", "."], "\".\" is not the name of a folder"),
        (["--output", "-", "--skip-existing"], "name it, --output"),
        (["--max-samples", "0"], "--max-samples must be at least 1"),
        (["--max-samples", "44"], "--max-samples 44 leaves no frames"),
    ])
    func wrongCombinations(arguments: [String], problem: String) throws {
        let before = try place.files()
        let result = try place.program.run(["quantize", "--checkpoint", model, "data"] + arguments)
        #expect(result.code == 64 && result.output.isEmpty)
        #expect(result.errorLines.first?.contains(problem) == true, "\(result.errors)")
        #expect(try place.files() == before)
    }

    /// Refused in one line, with nothing written.
    @Test(arguments: [
        (["--format", "fairseq", "--labels", "ltr", "--output", "x"], "no labels in data/0.ltr"),
        (["--format", "npz", "--output", "x", "other/1.wav"], "would both be written as \"1\""),
        (["--output", "tiny.yaml", "tiny.yaml"], "tiny.yaml is an input"),
        (["--format", "jsonl", "--output", "run/last.safetensors"], "run/last.safetensors is an input"),
        (["--output", "list.tsv", "list.tsv"], "list.tsv is an input"),
    ])
    func refusals(arguments: [String], problem: String) throws {
        try FileManager.default.createDirectory(
            atPath: place.path + "/other", withIntermediateDirectories: false)
        try place.write(waveFile(sweep(2000, start: 1)), to: "other/1.wav")
        try place.write("data\n0.wav\t1500\n", to: "list.tsv")
        let before = try place.files()
        let list = try place.bytes("list.tsv")
        let result = try place.program.run(["quantize", "--checkpoint", model, "data"] + arguments)
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.errorLines.count == 1 && result.errors.contains(problem), "\(result.errors)")
        #expect(try place.files() == before)
        #expect(try place.bytes("list.tsv") == list)
    }

    @Test func idsThatDoNotFit() throws {
        let wide = try place.train(
            "wide", "--set", "quantizer.groups=8", "--set", "quantizer.variables=64", "--set",
            "training.max_updates=1")
        let result = try place.program.run("quantize", "--checkpoint", wide, "data", "--ids", "combined")
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(
            result.errors
                == "error: combined ids of 8 groups of 64 codewords do not fit 32-bit integers; use "
                + "--ids pair or flat\n")
    }
}
