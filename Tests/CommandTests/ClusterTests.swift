import Foundation
import Testing

/// `vqw2v cluster`, and `quantize` with what it has written, as users call them.
@Suite struct ClusterTests {
    @Test func clusters() throws {
        let place = try Workplace(recordings: 3)
        let model = try place.train()
        for layer in ["mfcc", "z", "c"] {
            let file = "\(layer).safetensors"
            let arguments = ["cluster", "-c", model, "--layer", layer, "--units", "5", "-o", file, "data"]
            let fitted = try place.program.run(arguments)
            #expect(fitted.code == 0, "\(fitted.errors)")
            let bytes = try place.bytes(file)
            // Repeated, there is nothing to do; in parts, the result is the same.
            #expect(try place.program.run(arguments).errors.contains("nothing to do"))
            let other = try place.program.run(arguments.map { $0 == "5" ? "6" : $0 })
            #expect(
                other.code == 1 && other.errors.contains("was made with seed") == false, "\(other.errors)")
            #expect(other.errors.contains("units 5, not 6"), "\(other.errors)")
            let quantized = try place.program.run(
                "quantize", "-c", model, "--clusters", file, "-f", "jsonl", "-o", "\(layer).jsonl", "data")
            #expect(quantized.code == 0, "\(quantized.errors)")
            #expect(try place.program.run("evaluate", "-u", "\(layer).jsonl").output.contains("of 5"))
            #expect(try place.program.run("convert", file, "\(layer).npy").code == 0)
            let back = try place.program.run("convert", "\(layer).npy", "back.safetensors", "--layer", layer)
            #expect(back.code == 0, "\(back.errors)")
            let same = try place.program.run(
                "quantize", "-c", model, "--clusters", "back.safetensors", "-f", "jsonl", "data")
            #expect(try place.bytes("\(layer).jsonl") == Data(same.output.utf8))
            try? FileManager.default.removeItem(atPath: "\(place.path)/\(file)")
            #expect(try place.program.run(arguments + ["--threads", "1"]).code == 0)
            #expect(try place.bytes(file) == bytes)
        }
        let foreign = try place.program.run("quantize", "-c", model, "--clusters", model, "data")
        #expect(foreign.code == 1 && foreign.errors.contains("holds no clusters"), "\(foreign.errors)")
    }

    /// Clusters that lack a recording are made anew when it can be used, and stay where it cannot.
    @Test func aRecordingThatCannotBeUsedYet() throws {
        let place = try Workplace(recordings: 3)
        let arguments = ["cluster", "--layer", "mfcc", "--units", "5", "data", "-o"]
        let whole = try place.bytes("data/1.wav")
        try place.write(Array(whole.prefix(100)), to: "data/1.wav")
        let first = try place.program.run(arguments + ["out"])
        #expect(first.code == 1 && first.errors.contains("1 of the inputs"), "\(first.errors)")
        let bytes = try place.bytes("out")
        let again = try place.program.run(arguments + ["out"])
        #expect(again.code == 1 && again.errors.contains("nothing to do"), "\(again.errors)")
        #expect(try place.bytes("out") == bytes)
        try place.write(Array(whole), to: "data/1.wav")
        let mended = try place.program.run(arguments + ["out"])
        #expect(mended.code == 0 && mended.errors.contains("fitting anew"), "\(mended.errors)")
        #expect(try place.program.run(arguments + ["new"]).code == 0)
        #expect(try place.bytes("out") == place.bytes("new"))
    }

    /// Clusters are of the recordings that are named, and ended by the limits that are given.
    @Test func otherRecordingsAndLimits() throws {
        let place = try Workplace(recordings: 3)
        let arguments = ["cluster", "--layer", "mfcc", "--units", "5", "-o", "out"]
        #expect(try place.program.run(arguments + ["data"]).code == 0)
        let bytes = try place.bytes("out")
        let missing = try place.program.run(arguments + ["none"])
        #expect(missing.code == 1 && missing.errors.hasPrefix("error: none"), "\(missing.errors)")
        let limits = try place.program.run(arguments + ["data", "--iterations", "7"])
        #expect(
            limits.code == 1 && limits.errors.contains("made with most_iterations 100, not 7"),
            "\(limits.errors)")
        #expect(try place.bytes("out") == bytes)
        try place.write(waveFile(sweep(4000, start: 50)), to: "other/a.wav")
        let other = try place.program.run(arguments + ["other"])
        #expect(other.code == 0 && other.errors.contains("fitting anew"), "\(other.errors)")
        #expect(try place.bytes("out") != bytes)
    }

    /// quantize prepares frames as cluster did, and says so.
    @Test func preparedFrames() throws {
        let place = try Workplace(recordings: 3)
        var ids = Set<String>()
        for (index, options) in [[], ["--normalize"], ["--average-frames", "5"]].enumerated() {
            let arguments =
                ["cluster", "--layer", "mfcc", "--units", "5", "-o", "\(index)", "data"] + options
            let fitted = try place.program.run(arguments)
            #expect(fitted.code == 0, "\(fitted.errors)")
            let quantized = try place.program.run(
                "quantize", "--clusters", "\(index)", "-f", "jsonl", "data")
            #expect(quantized.code == 0 && ids.insert(quantized.output).inserted, "\(quantized.errors)")
            #expect(try place.program.run(arguments).errors.contains("nothing to do"))
        }
        #expect(
            try place.program.run("quantize", "--clusters", "2", "-f", "npy", "-o", "ids", "data").code == 0)
        let description = String(decoding: try place.bytes("ids.json"), as: UTF8.self)
        #expect(description.contains(#""average_frames" : 5,"#))
        let other = try place.program.run(
            "cluster", "--layer", "mfcc", "--units", "5", "-o", "1", "data", "--average-frames", "3")
        #expect(other.errors.contains("average_frames 1, not 3"), "\(other.errors)")
        let even = try place.program.run(
            "cluster", "--layer", "mfcc", "--units", "5", "-o", "x", "data", "--average-frames", "4")
        #expect(even.code == 64 && even.errors.contains("odd"), "\(even.errors)")
    }

    /// Killed again and again, each time a little later, it ends with the bytes of a run that was left alone.
    @Test func clustersThatAreKilledGoOn() throws {
        let place = try Workplace(recordings: 0)
        var state: UInt32 = 1
        let noise = (0..<480_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int16(truncatingIfNeeded: Int32(bitPattern: state) >> 18)
        }
        try place.write(waveFile(noise), to: "data/noise.wav")
        func arguments(_ output: String) -> [String] {
            ["cluster", "--layer", "mfcc", "--units", "60", "--tolerance", "0", "-o", output, "data"]
        }
        let start = Date()
        #expect(try place.program.run(arguments("whole.safetensors")).code == 0)
        let step = -start.timeIntervalSinceNow / 12
        var (kills, unfinished) = (0, 0)
        while kills < 200 {
            let running = try place.program.start(arguments("parts.safetensors"))
            Thread.sleep(forTimeInterval: step * Double(kills))
            running.send(SIGKILL)
            let result = try running.finish()
            if result.code == 0 { break }
            #expect(result.code == -SIGKILL, "\(result.errors)")
            kills += 1
            if place.exists("parts.safetensors") { unfinished += 1 }
        }
        // Some in the midst of the passes.
        #expect(unfinished > 0 && kills < 200)
        #expect(try place.bytes("parts.safetensors") == place.bytes("whole.safetensors"))
        #expect(try place.files().filter { $0.contains("parts") } == ["parts.safetensors"])
    }
}
