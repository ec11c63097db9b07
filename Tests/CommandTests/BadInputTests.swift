import Foundation
import Testing

/// Whatever cannot be used is named in one line with the remedy, and nothing else is lost.
@Suite struct BadInputTests {
    /// Samples of irregular sign near the limit of 32-bit floats: some ten of them are alike enough to the taps
    /// of a filter for its output to overflow, in whatever order it is summed.
    private static let deafening = (0..<2000).map { index -> Float in
        (index &* 2_654_435_761) >> 9 & 1 == 0 ? 3e38 : -3e38
    }

    /// Name, content (nil: there is none) and what the line has to say.
    private static let recordings: [(name: String, content: [UInt8]?, problem: String)] = [
        ("missing.wav", nil, "no such file"),
        ("empty.wav", [], "is empty: it has 0 bytes"),
        ("header.wav", waveFile([Int16]()), "is empty: it has no samples"),
        ("truncated.wav", Array(waveFile(sweep(2000, start: 0)).prefix(1000)), "is truncated"),
        ("text.wav", Array("Not a recording.\n".utf8), "is not audio"),
        (
            "nan.wav", waveFile(floats: Array(repeating: 0.1, count: 999) + [.nan]),
            "is damaged: sample 999 is NaN"
        ),
        ("loud.wav", waveFile(floats: deafening), "is not finite"),
        ("short.wav", waveFile(sweep(20, start: 0)), "too short: the model needs at least 45"),
        ("silent.wav", waveFile(Array(repeating: Int16(0), count: 2000)), "every sample is zero"),
        ("rate.wav", waveFile(sweep(2000, start: 0), rate: 22050), "22050 Hz, needed are 16000 Hz"),
    ]

    private func write(_ recording: (name: String, content: [UInt8]?, problem: String), _ place: Workplace)
        throws
    {
        if let content = recording.content { try place.write(content, to: recording.name) }
    }

    @Test func aRecordingForQuantizeIsLeftOutAndTheOthersAreDone() throws {
        let place = try Workplace()
        let model = try place.train()
        let good = try place.program.run("quantize", "--checkpoint", model, "data")
        for recording in Self.recordings {
            try write(recording, place)
            let before = try place.files()
            let result = try place.program.run(
                "quantize", "--checkpoint", model, "data/0.wav", recording.name, "data/1.wav")
            #expect(result.code == 1)
            #expect(result.outputLines == Array(good.outputLines.prefix(2)), "\(recording.name)")
            let lines = result.errorLines.filter { $0.contains(recording.name) }
            #expect(
                lines.count == 1 && lines.allSatisfy { $0.hasPrefix("error: \(recording.name): ") },
                "\(result.errors)")
            #expect(lines.first?.contains(recording.problem) == true, "\(result.errors)")
            #expect(result.errorLines.last == "1 of the inputs could not be used")
            #expect(try place.files() == before)
        }
    }

    @Test func allOfThemTogether() throws {
        let place = try Workplace()
        let model = try place.train()
        for recording in Self.recordings { try write(recording, place) }
        let result = try place.program.run(
            ["quantize", "--checkpoint", model, "--output", "ids.jsonl", "--format", "jsonl", "data"]
                + Self.recordings.map(\.name))
        #expect(result.code == 1)
        #expect(result.errorLines.filter { $0.hasPrefix("error: ") }.count == Self.recordings.count)
        #expect(
            try String(decoding: place.bytes("ids.jsonl"), as: UTF8.self).split(separator: "\n").count == 5)
    }

    @Test func aRecordingForTraining() throws {
        let place = try Workplace()
        // Recordings that are short or silent can stand in a corpus: they are told of and skipped.
        let tolerated: Set = ["short.wav", "silent.wav", "nan.wav", "loud.wav"]
        for recording in Self.recordings where !tolerated.contains(recording.name) {
            try write(recording, place)
            let before = try place.files()
            let result = try place.program.run(
                "train", "data", recording.name, "--config", "tiny.yaml", "--output", "run")
            #expect(result.code == 1)
            #expect(result.errorLines.count == 1 && result.output.isEmpty, "\(result.errors)")
            #expect(
                result.errors.hasPrefix("error: \(recording.name): ")
                    && result.errors.contains(recording.problem))
            #expect(try place.files() == before)
        }
        for name in tolerated {
            if let recording = Self.recordings.first(where: { $0.name == name }) {
                try write(recording, place)
            }
        }
        let short = try place.program.run(
            "train", "data", "short.wav", "silent.wav", "--validation", "data/0.wav", "--config", "tiny.yaml",
            "--output", "run")
        #expect(short.code == 0)
        #expect(short.errors.contains("1 skipped as too short"))
        #expect(short.errors.contains("warning: silent.wav: every sample is zero"))
        let damaged = try place.program.run(
            "train", "data", "nan.wav", "--validation", "data/0.wav", "--config", "tiny.yaml", "--output",
            "nan")
        let loud = try place.program.run(
            "train", "data", "loud.wav", "--validation", "data/0.wav", "--config", "tiny.yaml", "--output",
            "loud")
        #expect(loud.code == 1)
        #expect(loud.errors.contains("is not finite, in a batch of "), "\(loud.errors)")
        #expect(loud.errorLines.last?.contains("loud.wav") == true, "\(loud.errors)")
        #expect(damaged.code == 1)
        #expect(
            damaged.errorLines.last?.hasPrefix("error: nan.wav: is damaged: sample 999 is NaN") == true,
            "\(damaged.errors)")
    }

    @Test(.enabled(if: geteuid() != 0, "root reads everything")) func anUnreadableRecording() throws {
        let place = try Workplace()
        let model = try place.train()
        chmod(place.path + "/data/1.wav", 0)
        let result = try place.program.run("quantize", "--checkpoint", model, "data")
        #expect(result.code == 1 && result.outputLines.count == 4)
        #expect(result.errors.contains("error: data/1.wav: cannot be read: Permission denied"))
    }

    @Test(arguments: [
        ("data\n0.wav\t1500\n1.wav 1800\n", "list.tsv:3: expected"),
        ("data\n0.wav\tmany\n", "list.tsv:2: expected"),
        ("data\n0.wav\t-4\n", "list.tsv:2: expected"),
        ("nowhere\n0.wav\t1500\n", "list.tsv:1: no folder \"nowhere\""),
        ("", "list.tsv: lists no recordings"), ("data\n", "list.tsv: lists no recordings"),
    ])
    func aManifest(text: String, problem: String) throws {
        let place = try Workplace()
        let model = try place.train()
        try place.write(text, to: "list.tsv")
        for arguments in [
            ["quantize", "--checkpoint", model, "list.tsv"],
            ["train", "list.tsv", "--config", "tiny.yaml", "--output", "other"],
        ] {
            let result = try place.program.run(arguments)
            #expect(result.code == 1)
            #expect(result.errorLines.count == 1 && result.errors.contains(problem), "\(result.errors)")
        }
        #expect(!place.exists("other"))
    }

    @Test func aManifestThatCountsWronglyForQuantize() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.write("data\n0.wav\t1\n", to: "list.tsv")
        let result = try place.program.run("quantize", "--checkpoint", model, "list.tsv")
        #expect(result.code == 1 && result.outputLines.isEmpty)
        #expect(result.errors.contains("samples, not the 1 of its manifest"), "\(result.errors)")
    }

    @Test func aManifestThatCountsWrongly() throws {
        let place = try Workplace()
        try place.write("data\n0.wav\t1500\n1.wav\t9999\n2.wav\t2100\n", to: "list.tsv")
        let result = try place.program.run(
            "train", "list.tsv", "--validation", "data/0.wav", "--config", "tiny.yaml", "--output", "run")
        #expect(result.code == 1)
        #expect(result.errors.contains("data/1.wav: has 1800 samples, not the 9999 of its manifest"))
    }
}
