import Foundation
import Testing

/// Jobs that share a list of recordings, and what is done already.
@Suite struct ShardsTests {
    /// Outputs put one after the other are the output of one job, byte for byte: also where a recording cannot be
    /// used, and where there are more shards than recordings.
    @Test(arguments: ["tsv", "jsonl", "fairseq"])
    func shardsPutTogether(format: String) throws {
        let place = try Workplace()
        let model = try place.train()
        try place.writeArchive()
        try place.write(waveFile(Array(repeating: Int16(0), count: 2000)), to: "data/2b.wav")
        try place.write(
            "data\n" + (0..<5).map { "\($0).wav\t\(1500 + 300 * $0)\n" }.joined(), to: "list.tsv")
        for (input, fails) in [("data", true), ("list.tsv", false), ("wav.scp", false)] {
            let arguments = ["quantize", "--checkpoint", model, "--format", format, input]
            // Each part counts its own tokens.
            func counts(_ name: String) -> [String] {
                format == "fairseq" ? ["--dictionary", "\(name).dict"] : []
            }
            _ = try place.program.run(arguments + ["--output", "whole"] + counts("whole"))
            for count in [2, 3, 9] {
                var together = Data()
                var failures = 0
                for index in 1...count {
                    let shard = try place.program.run(
                        arguments + ["--shard", "\(index)/\(count)", "--output", "part"] + counts("part"))
                    failures += shard.code == 0 ? 0 : 1
                    together += try place.bytes("part")
                    try FileManager.default.removeItem(atPath: "\(place.path)/part")
                }
                #expect(try together == place.bytes("whole") && !together.isEmpty, "\(input), \(count)")
                #expect(failures == (fails ? 1 : 0))
            }
        }
    }

    @Test func lhotseDescribesWholeFiles() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.writeArchive()
        let result = try place.program.run(
            "quantize", "--checkpoint", model, "--format", "lhotse", "wav.scp", "--output", "cuts.jsonl")
        #expect(result.code == 1 && result.errorLines.count == 1)
        #expect(result.errors.contains("wav.ark:4: --format lhotse describes whole audio files"))
        #expect(!place.exists("cuts.jsonl"))
    }

    @Test func aShardWithoutRecordings() throws {
        let place = try Workplace()
        let model = try place.train()
        for format in ["tsv", "npy"] {
            let result = try place.program.run(
                "quantize", "--checkpoint", model, "data/0.wav", "--shard", "1/4", "--output",
                "\(format).out",
                "--format", format)
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.errors.hasPrefix("files             0\n"))
        }
        #expect(try place.bytes("tsv.out").isEmpty)
        #expect(try place.files().contains("npy.out"))
    }

    @Test func shardsOfAFolderOfArrays() throws {
        let place = try Workplace()
        let model = try place.train()
        for arguments in [["--output", "whole"]]
            + (1...3).map({ ["--output", "parts", "--shard", "\($0)/3"] })
        {
            let result = try place.program.run(
                ["quantize", "--checkpoint", model, "--format", "npy", "data"] + arguments)
            #expect(result.code == 0)
        }
        for index in 0..<5 {
            #expect(try place.bytes("parts/\(index).npy") == place.bytes("whole/\(index).npy"))
        }
    }

    // MARK: What is there already

    @Test func anOutputThatIsThereIsLeftAlone() throws {
        let place = try Workplace()
        let model = try place.train()
        let arguments = ["quantize", "--checkpoint", model, "--output", "ids.tsv", "data", "--skip-existing"]
        let first = try place.program.run(arguments)
        #expect(first.code == 0)
        let ids = try place.bytes("ids.tsv")
        #expect(!ids.isEmpty)
        try place.write("mine", to: "ids.tsv")
        let second = try place.program.run(arguments)
        #expect(second.code == 0 && second.output.isEmpty)
        #expect(second.errors == "ids.tsv is there already: nothing to do (--skip-existing)\n")
        #expect(try place.bytes("ids.tsv") == Data("mine".utf8))
        _ = try place.program.run(arguments.dropLast())
        #expect(try place.bytes("ids.tsv") == ids)
    }

    @Test func arraysThatAreThereAreLeftAlone() throws {
        let place = try Workplace()
        let model = try place.train()
        let arguments = ["quantize", "--checkpoint", model, "--format", "npy", "--output", "ids", "data"]
        _ = try place.program.run(arguments)
        let array = try place.bytes("ids/3.npy")
        try FileManager.default.removeItem(atPath: "\(place.path)/ids/3.npy")
        try place.write("mine", to: "ids/1.npy")
        let result = try place.program.run(arguments + ["--skip-existing"])
        #expect(result.code == 0)
        #expect(
            result.errorLines.prefix(2) == ["4 of 5 recordings were done already", "files             1"])
        #expect(try place.bytes("ids/3.npy") == array)
        #expect(try place.bytes("ids/1.npy") == Data("mine".utf8))
    }

    /// What another checkpoint or other options made is neither taken for the output nor mixed with it.
    @Test(arguments: [
        ("tsv", ["--ids", "flat"]), ("npy", ["--deduplicate"]), ("safetensors", ["--max-samples", "900"]),
    ])
    func whatWasMadeOtherwiseIsRefused(format: String, options: [String]) throws {
        let place = try Workplace()
        let model = try place.train()
        let other = try place.train("other", "--set", "training.seed=7")
        func quantize(_ model: String, _ more: [String] = []) throws -> Program.Result {
            try place.program.run(
                ["quantize", "--checkpoint", model, "--format", format, "--output", "ids", "data"] + more)
        }
        #expect(try quantize(model).code == 0)
        if format == "npy" { try FileManager.default.removeItem(atPath: "\(place.path)/ids/3.npy") }
        let before = try place.files()
        let description = format == "safetensors" ? "ids" : "ids.json"
        let text = try place.bytes(description)
        for (model, more, problem) in [
            (other, [], "ids was made with another checkpoint (SHA-256 "),
            (model, options, "ids was made with other options: "),
        ] {
            let result = try quantize(model, more + ["--skip-existing"])
            #expect(result.code == 1 && result.errorLines.count { $0.hasPrefix("error: ") } == 1)
            #expect(result.errors.contains(problem), "\(result.errors)")
            #expect(try place.files() == before && place.bytes(description) == text)
        }
        // The same checkpoint by another path.
        try FileManager.default.copyItem(atPath: "\(place.path)/\(model)", toPath: "\(place.path)/same")
        let same = try quantize("same", ["--skip-existing"])
        #expect(same.code == 0, "\(same.errors)")
    }

    /// An output of some recordings is none of others; a folder grows with them.
    @Test(arguments: ["tsv", "safetensors", "kaldi", "npy"]) func otherRecordings(format: String) throws {
        let place = try Workplace()
        let model = try place.train()
        let command = ["quantize", "-c", model, "-f", format, "-o", "ids", "--skip-existing"]
        #expect(try place.program.run(command + ["data"]).code == 0)
        let before = try place.files()
        #expect(try place.program.run(command + ["data", "--shard", "1/1"]).code == 0)
        // Other speakers' recordings may have the same names in another folder.
        try FileManager.default.copyItem(atPath: "\(place.path)/data", toPath: "\(place.path)/moved")
        #expect(try place.program.run(command + ["moved"]).code == (format == "npy" ? 0 : 1))
        try place.write(waveFile(sweep(1700, start: 9)), to: "data/2b.wav")
        let more = try place.program.run(command + ["data"])
        if format == "npy" {
            #expect(more.code == 0 && place.exists("ids/2b.npy"), "\(more.errors)")
            return
        }
        #expect(
            more.code == 1 && more.errors.contains("ids was made with other recordings"), "\(more.errors)")
        let fewer = try place.program.run(command + ["data/0.wav"])
        #expect(fewer.code == 1 && fewer.errors.contains("other recordings"), "\(fewer.errors)")
        try FileManager.default.removeItem(atPath: "\(place.path)/data/2b.wav")
        let part = try place.program.run(command + ["data", "--shard", "1/2"])
        #expect(
            part.code == 1 && part.errors.contains("other options: shard is none there and \"1/2\" here"),
            "\(part.errors)")
        #expect(try place.files().filter { !$0.hasPrefix("moved") } == before)
        // One of an earlier version, which does not say of which recordings it is.
        guard format == "tsv" else { return }
        let description = String(decoding: try place.bytes("ids.json"), as: UTF8.self)
        let older = description.replacing(/\s*"recordings_digest" ?: ?"[0-9a-f]*",?/, with: "")
        #expect(older != description)
        try place.write(older, to: "ids.json")
        #expect(try place.program.run(command + ["moved"]).code == 0)
        #expect(try place.program.run(command + ["moved", "--shard", "1/2"]).code == 0)
    }

    /// An input that is not there may hold recordings that the output lacks.
    @Test func anInputThatIsNotThere() throws {
        let place = try Workplace()
        let model = try place.train()
        let command = ["quantize", "-c", model, "-o", "ids.tsv", "--skip-existing", "data"]
        #expect(try place.program.run(command).code == 0)
        let ids = try place.bytes("ids.tsv")
        let result = try place.program.run(command + ["more"])
        #expect(result.code == 1 && result.errors.contains("more"), "\(result.errors)")
        #expect(!result.errors.contains("nothing to do"))
        #expect(try place.bytes("ids.tsv") == ids)
    }

    /// Where nothing says what made an output, it is not taken for one.
    @Test(arguments: ["tsv", "npy", "safetensors", "kaldi"]) func whatMayBeAnyonesIsRefused(format: String)
        throws
    {
        let place = try Workplace()
        let model = try place.train()
        try FileManager.default.createDirectory(
            atPath: place.path + "/ids", withIntermediateDirectories: false)
        let files = ["tsv": "out", "safetensors": "out", "kaldi": "out.scp", "npy": "ids/3.npy"]
        let file = try #require(files[format])
        try place.write("mine", to: file)
        let output = format == "npy" ? "ids" : "out"
        let result = try place.program.run(
            "quantize", "--checkpoint", model, "--format", format, "--output", output, "data",
            "--skip-existing")
        #expect(result.code == 1 && result.errors.contains("\(file) is there already, and nothing says"))
        #expect(try place.bytes(file) == Data("mine".utf8))
    }

    @Test(arguments: [
        ("5/4", "there is no 5/4"), ("0/4", "there is no 0/4"),
        ("a/b", "a shard is i/n, such as 3/8, not \"a/b\""),
        ("1", "a shard is i/n"), ("", "a shard is i/n"),
    ])
    func aShard(text: String, problem: String) throws {
        let place = try Workplace()
        let result = try place.program.run(
            "quantize", "--checkpoint", "none", "data", "--shard", text, "--output", "ids.tsv")
        #expect(result.code == 64 && result.output.isEmpty)
        #expect(result.errorLines.first?.contains(problem) == true, "\(result.errors)")
        #expect(!place.exists("ids.tsv"))
    }

    @Test func skippingNeedsAnOutput() throws {
        let place = try Workplace()
        let before = try place.files()
        let result = try place.program.run(
            "quantize", "--checkpoint", "none", "data", "--skip-existing")
        #expect(result.code == 64)
        #expect(result.errorLines.first?.hasSuffix("name it, --output") == true)
        #expect(try place.files() == before)
    }
}
