import Foundation
import Testing

/// `vqw2v report`, and what `train` leaves for TensorBoard.
@Suite struct ReportTests {
    @Test func runsAndUnitsOnOnePage() throws {
        let place = try Workplace()
        let model = try place.train()
        let ids = try place.program.run("quantize", "-c", model, "data", "-f", "jsonl", "-o", "ids.jsonl")
        #expect(ids.code == 0, "\(ids.errors)")
        let line = ["report", "run", "ids.jsonl", "--audio", "data", "-o"]
        let result = try place.program.run(line + ["a.html"])
        #expect(result.code == 0 && result.output.isEmpty, "\(result.errors)")
        let page = String(decoding: try place.bytes("a.html"), as: UTF8.self)
        for text in ["<h3>Loss</h3>", "<h3>Codebook perplexity</h3>", "class=\"timeline\"", "data:audio/wav"]
        {
            #expect(page.contains(text), "\(text)")
        }
        #expect(try place.program.run(line + ["b.html"]).code == 0)
        #expect(try place.bytes("a.html") == place.bytes("b.html"))
    }

    @Test func badInputIsOneLineAndLeavesNothing() throws {
        let place = try Workplace()
        try place.train()
        try place.write("no log\n{}\n", to: "bad/log.jsonl")
        try place.write("", to: "other/x")
        for (inputs, text) in [
            (["missing.jsonl"], "missing.jsonl"), (["bad"], "bad/log.jsonl:1: is no line of a training log"),
            (["other"], "other: is a folder without log.jsonl"), (["run", "run"], "run: is named twice"),
            (["run", "tiny.yaml"], "tiny.yaml"),
        ] {
            let result = try place.program.run(["report"] + inputs + ["-o", "page.html"])
            #expect(result.code == 1, "\(inputs)")
            #expect(result.errors.hasPrefix("error: ") && result.errors.contains(text), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            #expect(!place.exists("page.html"))
        }
        for name in ["run/log.jsonl", "run/last.safetensors", "run/config.yaml"] {
            let before = try place.bytes(name)
            let result = try place.program.run("report", "run", "-o", name)
            #expect(
                result.code == 1
                    && result.errors == "error: \(name) is an input; give the output another name\n")
            #expect(try place.bytes(name) == before)
        }
    }

    @Test func aResumedRunBeginsAnotherEventFile() throws {
        let place = try Workplace()
        try place.train("run", "--stop-after", "4", "--validation", "data")
        func events() throws -> [String] {
            try place.files().filter { $0.hasPrefix("run/events.out.tfevents.") }.sorted()
        }
        let first = try events()
        let before = try place.bytes(try #require(first.first))
        let result = try place.program.run("train", "data", "-o", "run", "--resume", "--validation", "data")
        #expect(result.code == 0, "\(result.errors)")
        #expect(first.count == 1)
        #expect(try events().count == 2)
        #expect(try place.bytes(first[0]) == before)
        let bytes = try place.bytes(try #require(try events().last))
        for tag in [
            "train/loss_bits", "validation/loss_bits", "codebook/chosen/2", "codebook/similarity",
            "clip/audio/1", "clip/spectrogram/1", "clip/audio/3", "clip/spectrogram/3",
        ] {
            #expect(bytes.range(of: Data(tag.utf8)) != nil, "\(tag)")
        }
        #expect(bytes.range(of: Data("clip/audio/4".utf8)) == nil)
    }
}
