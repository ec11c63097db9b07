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
            let message = "error: data/\(index).wav: sample \(1499 + 300 * index) is NaN"
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
