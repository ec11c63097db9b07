import Foundation
import Testing

@Suite struct ConvertTests {
    /// To fairseq's file and back, in both styles: the ids stay, and so does every number of the file.
    @Test(arguments: ["gumbel", "kmeans"])
    func throughFairseqAndBack(kind: String) throws {
        let place = try Workplace()
        let model = try place.train(
            "run", "--set", "quantizer.kind=\(kind)", "--set", "prediction.dropout=0.1")
        let ids = try place.program.run("quantize", "--checkpoint", model, "data").output
        try #require(!ids.isEmpty)
        for style in ["cfg", "args"] {
            let result = try place.program.run("convert", model, "\(style).pt", "--style", style)
            #expect(result.code == 0 && result.output.isEmpty && result.errors.isEmpty, "\(result.errors)")
            #expect(try place.program.run("quantize", "--checkpoint", "\(style).pt", "data").output == ids)
            let described = try place.program.run("inspect", "\(style).pt").output
            #expect(described.contains("fairseq .pt, zip serialisation, \(style)"), "\(described)")
            #expect(described.contains("update        6"), "\(described)")
        }
        let back = try place.program.run("convert", "args.pt", "back.safetensors")
        #expect(back.code == 0 && back.errors.isEmpty)
        #expect(try place.program.run("quantize", "--checkpoint", "back.safetensors", "data").output == ids)
        // Written with the default style, from either file: the same weights.
        #expect(try place.program.run("convert", "back.safetensors", "again.pt").code == 0)
        #expect(try place.program.run("quantize", "--checkpoint", "again.pt", "data").output == ids)
    }

    @Test func safetensorsWithoutTheOptimizer() throws {
        let place = try Workplace()
        let model = try place.train()
        #expect(try place.program.run("convert", model, "small.safetensors").code == 0)
        let (before, after) = (try place.bytes(model), try place.bytes("small.safetensors"))
        #expect(after.count < before.count / 2)
        #expect(before.contains("optimizer.exp_avg") && !after.contains("optimizer.exp_avg"))
        let ids = try place.program.run("quantize", "--checkpoint", model, "data").output
        #expect(try place.program.run("quantize", "--checkpoint", "small.safetensors", "data").output == ids)
        let described = ["inspect", "small.safetensors"]
        #expect(try place.program.run(described).output.contains("update        6 of 6"))
        #expect(try place.program.run(described).output.contains("used in the last validation"))
    }

    @Test func whatFairseqDoesNotHaveIsSaid() throws {
        let place = try Workplace()
        let model = try place.train("run", "--set", "quantizer.temperature.schedule=linear")
        let result = try place.program.run("convert", model, "m.pt")
        #expect(result.code == 0 && result.errorLines.count == 2)
        #expect(result.errorLines.allSatisfy { $0.hasPrefix("note: fairseq has ") })
        #expect(result.errors.contains("no linear temperature") && result.errors.contains("one dropout"))
    }

    @Test func onnxNamesItsOrigin() throws {
        let place = try Workplace()
        let model = try place.train()
        #expect(try place.program.run("convert", model, "m.onnx").code == 0)
        let file = try place.bytes("m.onnx")
        let hash = try place.program.shell("sha256sum \(model)").output.prefix(64)
        for text in ["waveform", "ids", "ArgMax", "vqw2v 0.", "\"kind\":\"gumbel\"", String(hash)] {
            #expect(file.contains(text), "\(text)")
        }
    }

    /// The rows are those of the combinations that quantize wrote.
    @Test(arguments: ["tsv", "fairseq"])
    func aCodebook(format: String) throws {
        let place = try Workplace()
        let model = try place.train()
        let tokens = try place.program.run(
            "quantize", "--checkpoint", model, "--format", format, "--output", "ids", "data")
        #expect(tokens.code == 0)
        let result = try place.program.run(
            "convert", model, "book", "--format", "codebook", "--tokens", "ids")
        #expect(result.code == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(try place.bytes("book/codebook.npy").contains("'shape': (2, 8, 4)"))
        let json = try JSONSerialization.jsonObject(with: place.bytes("book/codebook.json")) as? [String: Any]
        #expect(json?["shape"] as? [Int] == [2, 8, 4])
        #expect((json?["checkpoint_sha256"] as? String)?.count == 64)
        #expect(
            ((json?["configuration"] as? [String: Any])?["quantizer"] as? [String: Any])?["variables"] as? Int
                == 8)

        let text = String(decoding: try place.bytes("ids"), as: UTF8.self)
        let frames = text.split { $0 == " " || $0 == "\n" }.map { $0.split(separator: "\t").last ?? "" }
        var counts: [Substring: Int] = [:]
        for frame in frames { counts[frame, default: 0] += 1 }
        let table = String(decoding: try place.bytes("book/combinations.tsv"), as: UTF8.self)
            .split(separator: "\n").map { $0.split(separator: "\t") }
        #expect(table.count == counts.count)
        for line in table { #expect(Int(line[1]) == counts[line[0]]) }
        #expect(table.compactMap { Int($0[1]) } == counts.values.sorted(by: >))
    }

    @Test func refusals() throws {
        let place = try Workplace()
        let model = try place.train("run", "--set", "aggregator.dropout=0")
        let plain = try place.train("plain", "--set", "quantizer.kind=none")
        try place.write("a.wav\t1-2-3\n", to: "ids.tsv")
        try place.write("1-2\n", to: "combinations.tsv")
        let before = try place.files()
        for (arguments, problem) in [
            ([plain, "m.onnx"], "\(plain): the model has no quantizer"),
            ([plain, "book", "--format", "codebook"], "\(plain): the model has no quantizer"),
            ([model, model], "\(model) is an input"),
            ([model, "./run/../\(model)", "--format", "pt"], "is an input"),
            ([model, "tiny.yaml/m.pt"], "tiny.yaml/m.pt cannot be written: Not a directory"),
            ([model, "data", "--format", "onnx"], "data cannot be written"),
            (["absent.pt", "m.onnx"], "absent.pt cannot be read"),
            (["data/0.wav", "m.onnx"], "data/0.wav"),
            ([model, "tiny.yaml", "--format", "codebook"], "tiny.yaml is not a folder"),
            (
                [model, "book", "--format", "codebook", "--tokens", "ids.tsv"],
                "ids.tsv:1: \"1-2-3\" is not 2 ids"
            ),
            ([model, "book", "--format", "codebook", "--tokens", "absent.tsv"], "absent.tsv cannot be read"),
            (
                [model, ".", "--format", "codebook", "--tokens", "combinations.tsv"],
                "combinations.tsv is an input"
            ),
        ] {
            let result = try place.program.run(["convert"] + arguments)
            #expect(result.code == 1 && result.output.isEmpty)
            #expect(result.errorLines.count == 1 && result.errors.contains(problem), "\(result.errors)")
            #expect(try place.files() == before)
        }
        for (arguments, problem) in [
            ([model, "m.bin"], "m.bin: the name ends in none of .pt, .safetensors and .onnx"),
            ([model, "m.onnx", "--style", "args"], "--style is for the format pt, not onnx"),
            ([model, "m.pt", "--tokens", "ids.tsv"], "--tokens is for the format codebook, not pt"),
            ([model, "m.pt", "--style", "yaml"], "yaml"), ([model], "<output>"),
        ] {
            let result = try place.program.run(["convert"] + arguments)
            #expect(result.code == 64 && result.errors.contains(problem), "\(result.errors)")
            #expect(try place.files() == before)
        }
    }

    /// What a file does not say is not made up, and where weights come from is not forgotten.
    @Test func provenanceIsKept() throws {
        let place = try Workplace()
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "GoldenTests/Cases/p10_optim_kmeans_clip/checkpoint_args.pt").path
        let original = try place.program.run("inspect", golden).output
        #expect(try place.program.run("convert", golden, "a.safetensors").code == 0)
        let converted = try place.program.run("inspect", "a.safetensors").output
        for text in [original, converted] {
            for invented in ["random weights", "0 utterances", "max_updates", "learning_rate"] {
                #expect(!text.contains(invented), "\(invented) in \(text)")
            }
            #expect(text.contains("data          unknown") && text.contains("began with    unknown"))
        }
        #expect(converted.contains("made from     fairseq .pt, legacy serialisation, args namespace"))
        #expect(converted.contains("written by fairseq, SHA-256 "))
        try place.train()
        try place.write(Array(try place.bytes("a.safetensors")), to: "run/last.safetensors")
        let resumed = try place.program.run("train", "data", "--output", "run", "--resume")
        #expect(resumed.code == 1 && resumed.errors.contains("use --init-from"), "\(resumed.errors)")
    }

    @Test func missingFoldersAreMade() throws {
        let place = try Workplace()
        let model = try place.train()
        for name in ["a/b/m.pt", "c/d/m.safetensors", "e/f/m.onnx", "g/h/book"] {
            let format = name.hasSuffix("book") ? ["--format", "codebook"] : []
            let result = try place.program.run(["convert", model, name] + format)
            #expect(result.code == 0 && place.exists(name), "\(result.errors)")
        }
    }

    /// Another file of fairseq gets neither our defaults nor a count of updates that nobody made.
    @Test func whatIsNotKnownIsNotExported() throws {
        let place = try Workplace()
        let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "GoldenTests/Cases/p10_optim_kmeans_clip/checkpoint_args.pt").path
        let result = try place.program.run("convert", golden, "m.pt")
        #expect(result.code == 0 && result.errorLines.count == 1, "\(result.errors)")
        #expect(result.errors.contains("does not say the weight of the quantizer's loss"), "\(result.errors)")
        let described = try place.program.run("inspect", "--json", "m.pt").output
        #expect(!described.contains("kmeans_weight"))
    }

    /// A folder of a run stands for its best checkpoint, and is not written over as one.
    @Test func theFolderOfARun() throws {
        let place = try Workplace()
        try place.train()
        let best = try place.program.run("inspect", "run/best.safetensors").output
        #expect(try place.program.run("inspect", "run").output == best)
        let over = try place.program.run("convert", "run", "run/best.safetensors")
        #expect(over.code == 1 && over.errors.contains("is an input"), "\(over.errors)")
        try FileManager.default.removeItem(atPath: "\(place.path)/run/best.safetensors")
        let none = try place.program.run("quantize", "--checkpoint", "run", "data")
        #expect(none.code == 1 && none.errors.contains("for its last state name run/last.safetensors"))
    }
}

extension Data {
    fileprivate func contains(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}
