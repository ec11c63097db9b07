import Foundation
import TestSupport
import Testing

@Suite struct TrainOptionsTests {
    /// --validation takes one value, so DATA may stand on either side; what looks like a list is refused.
    @Test func validationTakesOneValue() throws {
        let place = try Workplace()
        for name in ["other", "third"] {
            try FileManager.default.createDirectory(
                atPath: "\(place.path)/\(name)", withIntermediateDirectories: true)
            try place.write(waveFile(sweep(1600, start: 9)), to: "\(name)/9.wav")
        }
        let rest = ["--config", "tiny.yaml", "--output"]
        let before = try place.program.run(["train", "--validation", "other", "data"] + rest + ["before"])
        #expect(before.code == 0, "\(before.errors)")
        #expect(
            before.errors.contains("\ndata: 5 utterances, ")
                && before.errors.contains(", 1 utterances for validation (other)\n"), "\(before.errors)")
        let doubtful = try place.program.run(
            ["train", "data", "--validation", "other", "third"] + rest + ["doubtful"])
        #expect(doubtful.code == 64 && !place.exists("doubtful"))
        #expect(doubtful.errors.contains("third stands behind --validation and its value"))
        let two = try place.program.run(
            ["train", "data", "--validation", "other", "--validation", "third"] + rest + ["two"])
        #expect(two.code == 0 && two.errors.contains(", 2 utterances for validation (other, third)\n"))
        let after = try place.program.run(
            ["train", "data", "third", "--validation", "other"] + rest + ["after"])
        #expect(after.code == 0 && after.errors.contains("\ndata: 6 utterances, "))
    }

    @Test func aDryRunWritesNothing() throws {
        let place = try Workplace()
        let before = try place.files()
        let options = ["train", "data", "--config", "tiny.yaml", "--output", "run"]
        let result = try place.program.run(options + ["--dry-run"])
        #expect(result.code == 0 && result.errors.isEmpty, "\(result.errors)")
        for text in [
            "variables: 8\n", "\nmodel: ", "\ndata: 4 utterances, ",
            "\nbatches: 2 in a pass over the data, the ",
            "\nupdates: 6 to make; 6 are 3.0 passes over the data\n", "\nmemory: about 0.0", "\ntime: about ",
        ] { #expect(result.output.contains(text), "\(text): \(result.output)") }
        #expect(try place.files() == before)

        try place.train("run", "--stop-after", "2")
        let last = try place.bytes("run/last.safetensors")
        let resumed = try place.program.run("train", "data", "--output", "run", "--resume", "--dry-run")
        #expect(resumed.code == 0 && resumed.output.contains("\nupdates: 4 to make; 6 are "))
        #expect(try place.bytes("run/last.safetensors") == last)
    }

    @Test func theConfigurationOfTheRunFolderStays() throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(
            atPath: "\(place.path)/run", withIntermediateDirectories: true)
        try place.write(Workplace.configuration, to: "run/config.yaml")
        let result = try place.program.run("train", "data", "--config", "run/config.yaml", "--output", "run")
        #expect(result.code == 1 && result.errorLines.count == 1)
        #expect(result.errors.contains("run/config.yaml is there already and would be replaced by"))
        #expect(try place.bytes("run/config.yaml") == Data(Workplace.configuration.utf8))
        // Even where a run was killed before its first save and the file has been edited since.
        try place.write("process 4194303\n", to: "run/run.lock")
        #expect(
            try place.program.run("train", "data", "--config", "run/config.yaml", "--output", "run").code == 1
        )
        #expect(try place.bytes("run/config.yaml") == Data(Workplace.configuration.utf8))
    }

    /// A file that has the name of a run's lock, and was not written by one, proves nothing.
    @Test func anotherFileByTheNameOfTheLock() throws {
        let place = try Workplace()
        let own = ["run/config.yaml", "run/log.jsonl"]
        for name in own { try place.write("mine\n", to: name) }
        try place.write("x\n", to: "run/run.lock")
        let result = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", "run")
        #expect(result.code == 1, "\(result.errors)")
        #expect(result.errors.contains("error: run/run.lock is there already"), "\(result.errors)")
        #expect(try place.bytes("run/run.lock") == Data("x\n".utf8))
        #expect(try own.allSatisfy { try place.bytes($0) == Data("mine\n".utf8) })
    }

    @Test func aPipeByTheNameOfTheLog() throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(
            atPath: "\(place.path)/run", withIntermediateDirectories: true)
        #expect(mkfifo("\(place.path)/run/log.jsonl", 0o600) == 0)
        let result = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", "run")
        #expect(result.code == 1, "\(result.errors)")
        #expect(result.errors.contains("run/log.jsonl: the log cannot be written"), "\(result.errors)")
    }

    @Test func twoProcesses() throws {
        let place = try Workplace()
        let options = ["train", "data", "--config", "tiny.yaml", "--output", "run", "--set"]
        let first = try place.program.start(options + ["training.max_updates=100000"])
        try first.wait(for: "\nupdate 4/")
        let name = "process \(first.processIdentifier) on "
        for second in [
            options + ["training.max_updates=9"], ["train", "data", "--output", "run", "--resume"],
        ] {
            let result = try place.program.run(second)
            #expect(result.code == 1 && result.errorLines.count == 1)
            #expect(result.errors.hasPrefix("error: run: \(name)"), "\(result.errors)")
        }
        first.send(SIGKILL)
        #expect(try first.finish().code == -SIGKILL)
        let resumed = try place.program.run(
            "train", "data", "--output", "run", "--resume", "--stop-after", "100000", "--dry-run")
        #expect(resumed.code == 0, "\(resumed.errors)")
    }

    /// What the machine does not have is told before anything is asked of it.
    @Test(.disabled(if: isSanitized)) func tooMuchMemory() throws {
        let place = try Workplace()
        let line =
            "train data --config tiny.yaml --output run --set encoder.layers=[[4096,10,5],[4096,8,4]] "
            + "--set aggregator.layers=[[4096,8,1]]"
        let result = try place.program.shell("ulimit -v 2000000; \"$VQW2V\" \(line)")
        #expect(result.code == 1 && result.errorLines.count == 1, "\(result.code) \(result.errors)")
        #expect(
            result.errors.contains("the run needs about ")
                && result.errors.contains(" GB of memory, and there are"))
        #expect(!place.exists("run"))
    }

    /// `make quickstart` replaces a run of its own and nothing else.
    @Test func theQuickstartDeletesOnlyItsOwn() throws {
        let place = try Workplace(recordings: 0)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let make = "make -C \(root) -o build quickstart VQW2V=true"
        try FileManager.default.createDirectory(
            atPath: "\(place.path)/mine", withIntermediateDirectories: true)
        try place.write("mine", to: "mine/thesis.txt")
        for folder in ["mine", ".", ".."] {
            let result = try place.program.shell("\(make) RUN=\"$PWD/\(folder)\"")
            #expect(result.code != 0 && result.errors.contains("choose another RUN"), "\(result.errors)")
            #expect(try place.bytes("mine/thesis.txt") == Data("mine".utf8))
        }
        for _ in 0..<2 {
            let result = try place.program.shell(
                "\(make) RUN=\"$PWD/new run\"; touch 'new run/last.safetensors'")
            #expect(result.code == 0, "\(result.errors)")
            #expect(place.exists("new run/.quickstart"))
        }
        try place.write("mine", to: "new run/thesis.txt")
        _ = try place.program.shell("\(make) RUN=\"$PWD/new run\"")
        #expect(place.exists("new run/thesis.txt") && !place.exists("new run/last.safetensors"))
    }
}
