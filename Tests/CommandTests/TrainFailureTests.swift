import Foundation
import Testing

/// A recording that turns out to be unusable when it is first read ends the run, but costs no update.
@Suite struct TrainFailureTests {
    /// As long as the recording that it replaces, so that the data are those of the run.
    private func spoil(_ index: Int, _ place: Workplace) throws {
        try place.write(
            waveFile(floats: Array(repeating: 0.1, count: 1499 + 300 * index) + [.nan]),
            to: "data/\(index).wav")
    }

    private func mend(_ index: Int, _ place: Workplace) throws {
        try place.write(waveFile(sweep(1500 + 300 * index, start: index)), to: "data/\(index).wav")
    }

    /// Four batches of one recording make two updates: one that is spoilt is the first or second batch of the
    /// first update or of the second.
    private let options = [
        "data", "--config", "tiny.yaml", "--set", "training.accumulate_batches=2", "--set",
        "data.max_utterances=1", "--set", "data.validation_fraction=0", "--set",
    ]

    @Test func theUpdatesBeforeItAreSaved() throws {
        let place = try Workplace(recordings: 4)
        let options = options + ["training.save_every=0"]
        let whole = try place.program.run(["train"] + options + ["--output", "whole"])
        let part = try place.program.run(["train"] + options + ["--output", "part", "--stop-after", "1"])
        try #require(whole.code == 0 && part.code == 0)
        var saved = 0
        for index in 0..<4 {
            try spoil(index, place)
            let run = "run-\(index)"
            let result = try place.program.run(["train"] + options + ["--output", run])
            try mend(index, place)
            #expect(result.code == 1)
            let message = "error: data/\(index).wav: is damaged: sample \(1499 + 300 * index) is NaN"
            #expect(result.errorLines.last?.hasPrefix(message) == true, "\(result.errors)")
            #expect(result.errors.contains("\nupdate 1/6") == place.exists("\(run)/last.safetensors"))
            guard place.exists("\(run)/last.safetensors") else { continue }
            saved += 1
            #expect(result.errors.contains("\nsaved \(run)/last.safetensors after update 1\n"))
            #expect(try place.bytes("\(run)/last.safetensors") == place.bytes("part/last.safetensors"))
            let resumed = try place.program.run("train", "data", "--output", run, "--resume")
            #expect(resumed.code == 0, "\(resumed.errors)")
            #expect(try place.bytes("\(run)/last.safetensors") == place.bytes("whole/last.safetensors"))
        }
        #expect(saved == 2)
    }

    @Test func theUpdatesBeforeAValidationAreSaved() throws {
        let place = try Workplace()
        try spoil(4, place)
        let result = try place.program.run(
            "train", "data/0.wav", "data/1.wav", "--validation", "data/4.wav", "--config", "tiny.yaml",
            "--output", "run", "--set", "training.save_every=0")
        #expect(result.code == 1)
        #expect(result.errors.contains("\nsaved run/last.safetensors after update 3\nerror: data/4.wav: "))
    }

    /// The update before a validation that failed is not lost, and neither is the validation: mended, the run ends
    /// in the bytes of one that nothing disturbed.
    @Test(arguments: ["0", "2"]) func aValidationThatFailedIsMadeAgain(saveEvery: String) throws {
        let place = try Workplace()
        func train(_ run: String, _ more: [String]) throws -> Program.Result {
            try place.program.run(
                ["train", "data/0.wav", "data/1.wav", "--validation", "data/4.wav", "--output", run] + more)
        }
        let options = ["--config", "tiny.yaml", "--set", "training.save_every=\(saveEvery)"]
        #expect(try train("whole", options).code == 0)
        try spoil(4, place)
        let failed = try train("run", options)
        #expect(failed.code == 1 && !place.exists("run/best.safetensors"))
        let again = try train("run", ["--resume"])
        #expect(again.code == 1 && again.errors.contains("error: data/4.wav: "), "\(again.errors)")
        try mend(4, place)
        let resumed = try train("run", ["--resume"])
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("\nvalidation 3/6") && resumed.errors.contains("\nvalidation 6/6"))
        for name in ["last", "best"] {
            #expect(try place.bytes("run/\(name).safetensors") == place.bytes("whole/\(name).safetensors"))
        }
    }

    @Test func whatCannotBeUsedIsPassedOverOnRequest() throws {
        let place = try Workplace()
        try spoil(1, place)
        try place.write("no sound", to: "data/5.wav")
        let refused = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", "run")
        #expect(refused.code == 1 && refused.errors.contains("data/5.wav: ") && !place.exists("run"))
        let result = try place.program.run(
            "train", "data", "--validation", "data/4.wav", "--config", "tiny.yaml", "--output", "run",
            "--skip-unusable")
        #expect(result.code == 0, "\(result.errors)")
        #expect(
            result.errors.contains("\nskipped: data/5.wav: ")
                || result.errors.hasPrefix("skipped: data/5.wav: "))
        #expect(result.errors.contains("\nwarning: skipped: data/1.wav: is damaged: sample 1799 is NaN"))
        #expect(result.errors.contains("\nskipped as unusable: data/1.wav\n"))
    }

    @Test func whatWasJustSavedIsNotWrittenAgain() throws {
        let place = try Workplace(recordings: 4)
        var saved = 0
        for index in 0..<4 {
            try spoil(index, place)
            let result = try place.program.run(
                ["train"] + options + ["training.save_every=1", "--output", "run-\(index)"])
            try mend(index, place)
            #expect(result.code == 1 && !result.errors.contains("saved "), "\(result.errors)")
            if place.exists("run-\(index)/last.safetensors") { saved += 1 }
        }
        #expect(saved == 2)
    }
}
