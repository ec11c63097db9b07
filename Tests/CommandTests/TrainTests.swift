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
        let names = [
            "best.safetensors", "config.yaml", "last.safetensors", "log.jsonl", "recordings.tsv",
        ].map { "new/run/\($0)" }
        let new = try place.files().subtracting(before)
        let events = new.filter { $0.hasPrefix("new/run/events.out.tfevents.") }
        #expect(events.count == 1 && new.subtracting(events) == Set(["new", "new/run"] + names))
        #expect(result.errors.contains("variables: 8\n"))
        #expect(result.errors.contains("\nmodel: "))
        #expect(result.errors.contains("\ndata: 4 utterances, "))
        for update in 1...6 { #expect(result.errors.contains("\nupdate \(update)/6")) }
        #expect(result.errors.contains("\nvalidation 3/6 | loss "))
        let end = "saved new/run/last.safetensors after update 6\nnext: vqw2v quantize --checkpoint "
        #expect(result.errors.hasSuffix(end + "new/run/best.safetensors RECORDINGS > ids.tsv\n"))

        let again = try place.program.run(
            "train", "data", "--config", "new/run/config.yaml", "--output", "again")
        #expect(again.code == 0)
        #expect(try place.bytes("again/last.safetensors") == place.bytes("new/run/last.safetensors"))
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP]) func aSignalSavesAndResumingIsBitExact(signal: Int32) throws {
        let place = try Workplace()
        let longer = ["--set", "training.max_updates=800", "--set", "training.validate_every=50"]
        try place.train("whole", longer[0], longer[1], longer[2], longer[3])
        let running = try place.program.start(
            ["train", "data", "--config", "tiny.yaml", "--output", "parts"] + longer)
        try running.wait(for: "\nupdate 20/800")
        running.send(signal)
        let stopped = try running.finish()
        #expect(stopped.code == 128 + signal)
        let notice = try #require(
            stopped.errors.firstMatch(
                of:
                    /\n(?:finishing|leaving the validation after) update (\d+).*; again: stop now, losing (.*)\n/
            ))
        let number = try #require(Int(notice.1))
        #expect((20..<800).contains(number), "\(notice.0)")
        #expect(
            try notice.2.wholeMatch(of: /what came after update (\d+)/).map {
                try #require(Int($0.1)) <= number
            }
                == true)
        let saved = try #require(stopped.errorLines.dropLast().last)
        #expect(saved.hasPrefix("saved parts/last.safetensors after update "))
        #expect(stopped.errorLines.last == "next: vqw2v train data --output parts --resume")
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
        for (more, problem) in [
            (["--set", "training.max_updates=2"], "training.max_updates = 2 is not above the 3 updates"),
            (["--set", "training.max_updates=3"], "training.max_updates = 3 is not above the 3 updates"),
            (["--stop-after", "2"], "--stop-after 2 is not above the 3 updates"),
        ] {
            let before = try place.bytes("parts/last.safetensors")
            let result = try place.program.run(["train", "data", "--output", "parts", "--resume"] + more)
            #expect(result.code == 1 && result.errorLines.last?.contains(problem) == true, "\(result.errors)")
            #expect(try place.bytes("parts/last.safetensors") == before)
        }
        let resumed = try place.program.run("train", "data", "--output", "parts", "--resume")
        #expect(resumed.code == 0)
        let finished = try place.program.run("train", "data", "--output", "parts", "--resume")
        #expect(finished.code == 0)
        #expect(
            finished.errors.contains("\nparts/last.safetensors has done all 6 updates already: nothing to do")
        )
        #expect(try place.bytes("parts/last.safetensors") == place.bytes("whole/last.safetensors"))
        let nothing = try place.program.run("train", "data", "--output", "absent", "--resume")
        #expect(nothing.code == 1 && nothing.errors.contains("absent/last.safetensors to resume"))
        #expect(!place.exists("absent"))
    }

    /// `nohup vqw2v train …`
    @Test func aSignalThatIsToBeIgnored() throws {
        let place = try Workplace()
        let line = "train data --config tiny.yaml --output run --set training.max_updates=300"
        let result = try place.program.shell(
            "trap '' HUP; \"$VQW2V\" \(line) & until [ -s run/log.jsonl ]; do sleep 0.02; done; kill -HUP $!; wait $!"
        )
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.errors.contains("\nupdate 300/300"))
    }

    @Test func aSecondSignalEndsTheRunAtOnce() throws {
        let place = try Workplace()
        let running = try place.program.start([
            "train", "data", "--config", "tiny.yaml", "--output", "run", "--set",
            "training.max_updates=100000", "--set", "training.accumulate_batches=10000", "--set",
            "training.save_every=0",
        ])
        try running.wait(for: "\ndata: ")
        Thread.sleep(forTimeInterval: 0.3)
        running.send(SIGINT)
        try running.wait(
            for: "finishing update 1; again: stop now, losing everything: nothing is saved yet\n")
        running.send(SIGINT)
        #expect(try running.finish().code == 130)
        // What there is of the run is not in the way of a new one.
        #expect(try place.files().contains("run/run.lock"))
        try place.train("run")
        #expect(!place.exists("run/run.lock"))
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
