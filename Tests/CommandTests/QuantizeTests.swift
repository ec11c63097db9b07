import Foundation
import Layers
import Testing

@Suite struct QuantizeTests {
    @Test func idsAreTheSameInEveryFormat() throws {
        let place = try Workplace()
        let model = try place.train()
        let plain = try place.program.run("quantize", "--checkpoint", model, "data")
        #expect(plain.code == 0)
        let lines = plain.outputLines.map { $0.split(separator: "\t") }
        try #require(lines.allSatisfy { $0.count == 2 })
        #expect(lines.map { $0[0] } == (0..<5).map { "data/\($0).wav" })
        for (index, line) in lines.enumerated() {
            let frames = line[1].split(separator: " ").map { $0.split(separator: "-").compactMap { Int($0) } }
            // Kernels 10 and 8, strides 5 and 4.
            #expect(frames.count == (((1500 + 300 * index) - 10) / 5 + 1 - 8) / 4 + 1)
            #expect(frames.allSatisfy { $0.count == 2 && $0.allSatisfy((0..<8).contains) })
        }

        let fairseq = try place.program.run("quantize", "--checkpoint", model, "--format", "fairseq", "data")
        #expect(fairseq.outputLines == lines.map { $0[1] })

        let jsonl = try place.program.run("quantize", "--checkpoint", model, "--format", "jsonl", "data")
        for (index, (text, line)) in zip(jsonl.outputLines, lines).enumerated() {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(object["path"] as? String == String(line[0]))
            #expect(object["samples"] as? Int == 1500 + 300 * index)
            #expect(object["rate"] as? Int == 16000)
            let ids = try #require(object["ids"] as? [[Int]])
            #expect(object["frames"] as? Int == ids.count)
            #expect(ids.map { $0.map(String.init).joined(separator: "-") }.joined(separator: " ") == line[1])
        }

        let npy = try place.program.run(
            "quantize", "--checkpoint", model, "--format", "npy", "--output", "ids", "data")
        #expect(npy.code == 0 && npy.output.isEmpty)
        for (index, line) in lines.enumerated() {
            let bytes = [UInt8](try place.bytes("ids/\(index).npy"))
            #expect(bytes.starts(with: Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) })))
            let header = String(decoding: bytes.prefix(128), as: UTF8.self)
            let ids = line[1].split { $0 == " " || $0 == "-" }.compactMap { UInt8($0) }
            #expect(header.contains("'<i4'") && header.contains("(\(ids.count / 2), 2)"))
            // Little-endian numbers below 256: one byte, three zeros.
            let content = bytes.suffix(4 * ids.count)
            #expect(Array(content) == ids.flatMap { [$0, 0, 0, 0] })
        }
    }

    @Test func stdoutHasIdsAloneAndStderrTheSummary() throws {
        let place = try Workplace()
        let model = try place.train()
        let result = try place.program.run("quantize", "--checkpoint", model, "data")
        #expect(result.outputLines.count == 5)
        let keys = [
            "files ", "audio ", "frames ", "distinct codes ", "combinations ", "perplexity ",
            "real-time factor ", "checkpoint ",
        ]
        #expect(result.errorLines.count == keys.count)
        for (line, key) in zip(result.errorLines, keys) { #expect(line.hasPrefix(key)) }

        let toFile = try place.program.run("quantize", "--checkpoint", model, "--output", "ids.tsv", "data")
        #expect(toFile.output.isEmpty)
        #expect(try place.bytes("ids.tsv") == Data(result.output.utf8))
    }

    @Test func idsOfAFileDependOnNothingElse() throws {
        let place = try Workplace()
        let model = try place.train()
        let all = try place.program.run("quantize", "--checkpoint", model, "--threads", "1", "data")
        try #require(all.outputLines.count == 5)
        for threads in ["2", "3"] {
            let other = try place.program.run("quantize", "--checkpoint", model, "--threads", threads, "data")
            #expect(other.output == all.output)
        }
        let files = ["data/4.wav", "data/1.wav", "data/3.wav"]
        let some = try place.program.run(["quantize", "--checkpoint", model] + files)
        #expect(some.outputLines == [4, 1, 3].map { all.outputLines[$0] })
        // Past a file that cannot be used, too.
        let past = try place.program.run("quantize", "--checkpoint", model, "tiny.yaml", "data/2.wav")
        #expect(past.outputLines == [all.outputLines[2]])
        #expect(past.code == 1)
    }

    @Test func anotherRateIsConvertedWhereAskedFor() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.write(waveFile(sweep(3000, start: 1), rate: 8000), to: "slow.wav")
        let refused = try place.program.run("quantize", "--checkpoint", model, "slow.wav")
        #expect(refused.code == 1 && refused.errors.contains("slow.wav: is sampled at 8000 Hz"))
        #expect(refused.errors.contains("convert it, or have it resampled (--resample)\n"))
        let converted = try place.program.run("quantize", "--checkpoint", model, "--resample", "slow.wav")
        #expect(converted.code == 0)
        #expect(converted.output.split(separator: " ").count == (((6000 - 10) / 5 + 1) - 8) / 4 + 1)
    }

    @Test func fairseqLinesKeepTheirPlaces() throws {
        let place = try Workplace()
        let model = try place.train()
        let result = try place.program.run(
            "quantize", "--checkpoint", model, "--format", "fairseq", "data/0.wav", "tiny.yaml", "data/1.wav")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.map(\.isEmpty) == [false, true, false, true])
    }

    @Test func inspectDescribesTheModel() throws {
        let place = try Workplace()
        let model = try place.train("run", "--set", "quantizer.kind=kmeans")
        let result = try place.program.run("inspect", model)
        #expect(result.code == 0 && result.errors.isEmpty)
        for text in [
            "update        6 of 6", "random weights", "best loss", "parameters    1,", "encoder",
            "prediction",
            "vector_quantizer.embedding [8 × 1 × 4]: 2 groups of 8 codewords", "group 2",
            "written by    vqw2v ",
            "kind: kmeans", "layers: [[8, 10, 5], [8, 8, 4]]",
        ] { #expect(result.output.contains(text), "\(text)") }
        let plain = try place.train("plain", "--set", "quantizer.kind=none", "--init-from", model)
        #expect(try place.program.run("inspect", plain).output.contains("the weights of \(model)"))
        let none = try place.program.run("quantize", "--checkpoint", plain, "data")
        #expect(none.code == 1 && none.errors.contains("has no token ids"))
        #expect(none.errorLines.count == 1)
    }

    /// With ids to a pipe that is closed, or to a disk that is full, the program ends; it does not crash.
    @Test func outputThatCannotBeWritten() throws {
        let place = try Workplace()
        let model = try place.train()
        let closed = try place.program.shell(
            "{ \"$VQW2V\" quantize --checkpoint \(model) data data data; echo \"code $?\" >&2; } | head -n 1")
        #expect(closed.outputLines.count == 1)
        let code = closed.errorLines.last { $0.hasPrefix("code ") }
        #expect(["code 0", "code 1", "code 141"].contains(code), "\(closed.errors)")
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        for inputs in ["data/0.wav", "data/0.wav data/1.wav", "data"] {
            let full = try place.program.shell(
                "\"$VQW2V\" quantize --checkpoint \(model) \(inputs) > /dev/full")
            #expect(full.code == 1)
            #expect(full.errorLines.count == 1 && full.errors.contains("No space left"), "\(full.errors)")
            let named = try place.program.shell(
                "\"$VQW2V\" quantize --checkpoint \(model) --output /dev/full \(inputs)")
            #expect(named.code == 1)
            #expect(named.errors.contains("/dev/full cannot be written"), "\(named.errors)")
        }
    }

    @Test func anInterruptLeavesNoPart() throws {
        let place = try Workplace()
        let model = try place.train()
        // Long enough to be caught at work.
        for index in 0..<40 {
            try place.write(waveFile(sweep(400_000, start: index)), to: "data/long-\(index).wav")
        }
        let before = try place.files()
        let running = try place.program.start(
            ["quantize", "--checkpoint", model, "--output", "ids.tsv", "--threads", "1", "data"])
        try running.waitForOutput()
        running.send(SIGINT)
        let result = try running.finish()
        #expect(result.code == 130 || result.code == -SIGINT)
        #expect(try place.files() == before)
    }
}
