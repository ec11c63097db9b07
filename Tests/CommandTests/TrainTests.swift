import Foundation
import Testing

@Suite struct TrainTests {
    @Test(arguments: [[], ["train"], ["quantize"], ["extract"], ["inspect"]]) func helpIsThere(
        command: [String]
    ) throws {
        let place = try Workplace(recordings: 0)
        let result = try place.program.run(command + ["--help"])
        #expect(result.code == 0 && result.errors.isEmpty)
        #expect(result.output.contains("USAGE: vqw2v"))
        #expect(try place.program.run("--version").output.hasPrefix("vqw2v "))
    }

    @Test func aRunLeavesWhatItSays() throws {
        let place = try Workplace()
        let before = try place.files()
        let result = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", "new/run")
        #expect(result.code == 0 && result.output.isEmpty)
        let names = ["best.safetensors", "config.yaml", "last.safetensors", "log.jsonl"].map {
            "new/run/\($0)"
        }
        #expect(try place.files().subtracting(before) == Set(["new", "new/run"] + names))
        #expect(result.errors.contains("variables: 8\n"))
        #expect(result.errors.contains("\nmodel: "))
        #expect(result.errors.contains("\ndata: 4 utterances, "))
        for update in 1...6 { #expect(result.errors.contains("\nupdate \(update)/6")) }
        #expect(result.errors.contains("\nvalidation 3/6 | loss "))
        #expect(result.errors.hasSuffix("saved new/run/last.safetensors after update 6\n"))

        let again = try place.program.run(
            "train", "data", "--config", "new/run/config.yaml", "--output", "again")
        #expect(again.code == 0)
        #expect(try place.bytes("again/last.safetensors") == place.bytes("new/run/last.safetensors"))
    }

    @Test(arguments: [SIGTERM, SIGINT]) func aSignalSavesAndResumingIsBitExact(signal: Int32) throws {
        let place = try Workplace()
        let longer = ["--set", "training.max_updates=800", "--set", "training.validate_every=50"]
        try place.train("whole", longer[0], longer[1], longer[2], longer[3])
        let running = try place.program.start(
            ["train", "data", "--config", "tiny.yaml", "--output", "parts"] + longer)
        try running.wait(for: "\nupdate 20/800")
        running.send(signal)
        let stopped = try running.finish()
        #expect(stopped.code == 0)
        let saved = try #require(stopped.errorLines.last)
        #expect(saved.hasPrefix("saved parts/last.safetensors after update "))
        let update = try #require(saved.split(separator: " ").last.flatMap { Int($0) })
        #expect((20..<800).contains(update))

        let resumed = try place.program.run(
            "train", "data", "--output", "parts", "--resume", "--threads", "3")
        #expect(resumed.code == 0)
        #expect(resumed.errors.hasPrefix("resuming parts/last.safetensors after update \(update)\n"))
        for name in ["last", "best"] {
            #expect(
                try place.bytes("parts/\(name).safetensors") == place.bytes("whole/\(name).safetensors"))
        }
        #expect(try place.files().filter { $0.hasSuffix(".tmp") }.isEmpty)
    }

    @Test func stopAfterAndResumeAreBitExact() throws {
        let place = try Workplace()
        try place.train("whole")
        try place.train("parts", "--stop-after", "3")
        let refused = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", "parts")
        #expect(refused.code == 1 && refused.errors.contains("add --resume"))
        let other = try place.program.run(
            "train", "data", "--output", "parts", "--resume", "--set", "schedule.learning_rate=1")
        #expect(other.code == 1 && other.errorLines.count == 1)
        let resumed = try place.program.run("train", "data", "--output", "parts", "--resume")
        #expect(resumed.code == 0)
        #expect(try place.bytes("parts/last.safetensors") == place.bytes("whole/last.safetensors"))
        let nothing = try place.program.run("train", "data", "--output", "absent", "--resume")
        #expect(nothing.code == 1 && nothing.errors.contains("absent/last.safetensors to resume"))
        #expect(!place.exists("absent"))
    }

    /// `vqw2v train … 2>&1 | head`: the reader goes away, the run goes on.
    @Test func aLogWithoutAReaderDoesNotEndTheRun() throws {
        let place = try Workplace()
        try place.train("whole", "--set", "training.max_updates=200")
        let line = "train data --config tiny.yaml --output run --set training.max_updates=200"
        let result = try place.program.shell(
            "{ \"$VQW2V\" \(line) 2>&1; echo $? > code; } | head -n 1; while [ ! -s code ]; do sleep 0.02; done"
        )
        #expect(result.code == 0 && result.outputLines.count == 1)
        #expect(try place.bytes("code") == Data("0\n".utf8))
        #expect(try place.bytes("run/last.safetensors") == place.bytes("whole/last.safetensors"))
    }

    @Test func initFromBeginsAnew() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.train("new", "--init-from", model, "--set", "training.max_updates=2")
        let text = try place.program.run("inspect", "new/last.safetensors").output
        #expect(text.contains("update        2 of 2") && text.contains("the weights of run/last.safetensors"))
    }
}
