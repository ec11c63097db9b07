import Foundation
import Testing

/// `vqw2v evaluate`, as users call it.
@Suite struct EvaluateTests {
    private func json(_ result: Program.Result) throws -> [[String: Any]] {
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(object?["systems"] as? [[String: Any]])
    }

    private static let units = """
        {"name":"a","samples":2505,"rate":16000,"frames":13,"ids":[[0,1],[0,1],[1,1],[1,1],[1,1],[2,0],[2,0],[2,0],[0,1],[0,1],[0,1],[3,3],[3,3]]}
        {"name":"b","samples":1905,"rate":16000,"frames":10,"ids":[[1,1],[1,1],[1,1],[1,1],[1,2],[1,2],[1,1],[1,1],[1,1],[1,1]]}

        """
    private static let phones =
        "a\t0.0\t0.0145\tSIL\ta\na\t0.0145\t0.0395\tp\ta\na\t0.0395\t0.07\tq\ta\na\t0.09\t0.13\tp\ta\n"
        + "b\t0.0\t0.05\tq\tb\nb\t0.05\t0.1\tq\tb\n"

    @Test func tokenFilesOfEveryFormat() throws {
        let place = try Workplace(recordings: 3)
        let model = try place.train()
        var first: [String: Any]?
        for (format, output) in [
            ("jsonl", "ids.jsonl"), ("tsv", "ids.tsv"), ("lhotse", "ids.lhotse"), ("gslm", "ids.km"),
            ("npy", "ids"),
            ("npz", "ids.npz"), ("safetensors", "ids.safetensors"), ("kaldi", "ids.ark"),
            ("fairseq", "ids.src"),
        ] {
            for more in [[], ["--deduplicate"], ["--ids", "combined"], ["--ids", "flat"]]
            where format != "gslm" || more.last != nil {
                let name = output == "ids" ? "ids\(more.count)\(more.last ?? "")" : output
                try? FileManager.default.removeItem(atPath: "\(place.path)/dict.txt")
                let quantized = try place.program.run(
                    ["quantize", "-c", model, "data", "-f", format, "-o", name] + more)
                #expect(quantized.code == 0, "\(quantized.errors)")
                let result = try place.program.run(
                    ["evaluate", "--json", "--units", name, "--names", "file"]
                        + (format == "fairseq" ? ["--recordings", "data"] : []))
                #expect(result.code == 0, "\(format) \(more): \(result.errors)")
                let sequence = try #require(try json(result).first?["sequence"] as? [String: Any])
                let kept = sequence.filter { !$0.key.hasPrefix("seconds") && !$0.key.contains("bitrate") }
                let wanted = kept.filter { $0.key != "deduplicated" }
                if first == nil { first = wanted }
                let known = try #require(first)
                #expect(NSDictionary(dictionary: wanted).isEqual(to: known), "\(format) \(more): \(wanted)")
                for file in try place.files() where file.hasPrefix("ids") {
                    try? FileManager.default.removeItem(atPath: "\(place.path)/\(file)")
                }
            }
        }
    }

    /// What a model predicts in an utterance does not depend on the others.
    @Test func predictionsOfOneUtterance() throws {
        let place = try Workplace(recordings: 3)
        let model = try place.train()
        func figures(_ inputs: String...) throws -> Substring {
            let result = try place.program.run(
                ["evaluate", "-c", model, "--no-baseline", "--csv", "each.csv"] + inputs)
            #expect(result.code == 0, "\(result.errors)")
            let lines = String(decoding: try place.bytes("each.csv"), as: UTF8.self).split(separator: "\n")
            let line = try #require(lines.last { $0.hasPrefix("\(model),2,") })
            return line[line.index(line.endIndex, offsetBy: -20)...]
        }
        #expect(try figures("data/2.wav") == figures("data"))
        #expect(try figures("data/2.wav") == figures("data/1.wav", "data/0.wav", "data/2.wav"))
    }

    /// The checkpoint's figures are good without.
    @Test func tooLittleForABaseline() throws {
        let place = try Workplace(recordings: 3)
        let model = try place.train()
        try place.write(waveFile(sweep(700, start: 0)), to: "short/0.wav")
        let result = try place.program.run("evaluate", "-c", model, "data", "--baseline-data", "short")
        #expect(result.code == 1 && result.output.contains("units in use"), "\(result.errors)")
        #expect(result.errors.contains("error: no baseline: "), "\(result.errors)")
        let gone = try place.program.run("evaluate", "-c", model, "data", "--baseline-data", "gone")
        #expect(gone.code == 1 && gone.output.isEmpty && gone.errors.contains("gone"), "\(gone.errors)")
    }

    /// The paths of tsv become the names that recordings have.
    @Test func pathsOfRecordings() throws {
        let place = try Workplace(recordings: 0)
        for folder in ["x", "y"] {
            try place.write(waveFile(sweep(1800, start: 1)), to: "np/\(folder)/0.wav")
            try place.write("0 1000 p\n1000 1700 q\n", to: "np/\(folder)/0.phn")
            try place.write(waveFile(sweep(1800, start: 1)), to: "data/\(folder).wav")
        }
        let model = try place.train()
        let quantized = try place.program.run(
            "quantize", "-c", model, "np", "--names", "path", "-o", "ids.tsv")
        #expect(quantized.code == 0, "\(quantized.errors)")
        let result = try place.program.run(
            "evaluate", "-u", "ids.tsv", "-a", "np", "--names", "path", "--recordings", "np", "--abx", "none")
        #expect(result.code == 0 && result.output.contains("PNMI"), "\(result.errors)")
        let without = try place.program.run("evaluate", "-u", "ids.tsv", "--names", "path")
        #expect(without.code == 0, "\(without.errors)")
    }

    /// A list may name a recording twice: it counts once.
    @Test func aRecordingThatIsNamedTwice() throws {
        let place = try Workplace(recordings: 2)
        let model = try place.train()
        let once = try place.program.run("evaluate", "--json", "-c", model, "data", "--no-baseline")
        try place.write("data/0.wav\ndata/1.wav\ndata/0.wav\n", to: "list")
        let command = "\"$VQW2V\" evaluate --json -c \(model) - --no-baseline < list"
        let twice = try place.program.shell(command)
        #expect(twice.code == 1 && twice.errors.contains("another recording is called"), "\(twice.errors)")
        for part in ["sequence", "stability"] {
            let figures = try [once, twice].map {
                let figures = try #require(try json($0).first?[part])
                let data = try JSONSerialization.data(withJSONObject: figures, options: .sortedKeys)
                return String(decoding: data, as: UTF8.self)
            }
            #expect(figures[0] == figures[1])
        }
    }

    @Test func tables() throws {
        let place = try Workplace()
        try place.write(Self.units, to: "u.jsonl")
        try place.write(Self.phones, to: "phones.tsv")
        let result = try place.program.run(
            "evaluate", "-u", "u.jsonl", "-a", "phones.tsv", "--csv", "u.csv", "--bootstrap", "20",
            "--codewords", "4")
        #expect(result.code == 0, "\(result.errors)")
        for line in ["units in use", "5 of 16", "PNMI", "R-value"] {
            #expect(result.output.contains(line), "\(line)")
        }
        let csv = String(decoding: try place.bytes("u.csv"), as: UTF8.self).split(separator: "\n")
        #expect(csv.count == 3 && csv[1].hasPrefix("u.jsonl,a,0.156562,13,3,"))
        let again = try place.program.run(
            "evaluate", "-u", "u.jsonl", "-a", "phones.tsv", "--bootstrap", "20", "--threads", "1",
            "--codewords", "4")
        #expect(again.output == result.output)
    }

    @Test(arguments: [
        (
            "a\t0\t0.1\tp\nb\t0\t0.05\tq\nb\t0.04\t0.1\tq\n", [],
            "phones.tsv:3: begins before the interval before it ends (0.05 s); correct the times"
        ),
        ("a\t0\t0.3\tp\n", ["--matched-only"], "phones.tsv:1: ends at 0.3 s, its recording at 0.1565625 s"),
        (
            "a\t0\t0.1\tp\n", [],
            "u.jsonl:2: utterance b has no alignment; give one, or leave such utterances out (--matched-only)"
        ),
        (
            "a\t0\t0.1\tp\nb\t0\t0.1\tq\nc\t0\t0.1\tq\n", [],
            "phones.tsv:3: there are no frames of utterance c; give them, or leave such labels out (--matched-only)"
        ),
        ("", [], "phones.tsv:1: has no intervals"),
        (
            "a\t0\t0.1\tp\nb\t0\t0.1\tq\n", ["--rate", "8000"],
            "u.jsonl:1: is of a recording at 16000 Hz, frames are counted at 8000 Hz"
        ),
        (
            "a\t0\t0.1\tp\nb\t0\t0.1\tq\n", ["--hop", "320"],
            "u.jsonl:1: has 13 frames where 2505 samples give 7; give what was made of this recording, or say where "
        ),
        (
            "c\t0\t0.1\tp\n", ["--matched-only"],
            "u.jsonl: no utterance of it is in phones.tsv; their names have to be the same"
        ),
    ])
    func whatDoesNotFit(_ phones: String, _ more: [String], _ problem: String) throws {
        let place = try Workplace()
        try place.write(Self.units, to: "u.jsonl")
        try place.write(phones, to: "phones.tsv")
        let result = try place.program.run(["evaluate", "-u", "u.jsonl", "-a", "phones.tsv"] + more)
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(
            result.errorLines.count == 1 && result.errors.hasPrefix("error: \(problem)"), "\(result.errors)")
    }

    @Test func aCheckpointBesideItsBaseline() throws {
        let place = try Workplace(recordings: 3)
        let model = try place.train()
        for index in 0..<2 {
            try place.write(waveFile(sweep(32000, start: index)), to: "data/long\(index).wav")
        }
        let result = try place.program.run(
            "evaluate", "-c", model, "data", "--baseline-data", "data", "--json", "--layer", "z", "c",
            "--csv",
            "utterances.csv")
        #expect(result.code == 0, "\(result.errors)")
        let systems = try json(result)
        #expect(systems.map { $0["name"] as? String ?? "" }.first == model)
        let prediction = try #require(systems.first?["prediction"] as? [String: Any])
        let bits = try #require(prediction["loss_bits_per_step"] as? [Double])
        #expect(bits.count == 2 && (prediction["accuracy_per_step"] as? [Double])?.count == 2)
        let mean = try #require(prediction["loss_bits"] as? Double)
        #expect((bits.min() ?? 0) <= mean && mean <= (bits.max() ?? 0))
        let stability = try #require(systems.first?["stability"] as? [String: Any])
        let ways: Set = ["louder", "softer", "shifted", "noisy", "resampled"]
        #expect(Set(stability.keys) == ways.union(["seconds", "units"]))
        // A unit of two groups changes where one of its ids does.
        let units = try #require(stability["units"] as? [String: Double])
        for way in ways {
            let share = try #require(stability[way] as? Double)
            let whole = try #require(units[way])
            #expect(share <= whole && whole <= 2 * share, "\(way): \(share), \(whole)")
        }
        // Both are changed in the same way.
        let others = try #require(systems[1]["stability"] as? [String: Any])
        #expect(Set(others.keys) == Set(stability.keys))
        #expect(others["seconds"] as? Double == stability["seconds"] as? Double)
        #expect(
            try #require(others["units"] as? [String: Double])
                == others.compactMapValues { $0 as? Double }
                .filter { $0.key != "seconds" })
        let changed = others.filter { $0.key != "seconds" }.compactMap { $0.value as? Double }
        #expect(changed.allSatisfy { (0...1).contains($0) } && changed.contains { $0 > 0 })

        // The losses of utterances lie around that of all; clusters predict nothing.
        let table = String(decoding: try place.bytes("utterances.csv"), as: UTF8.self)
            .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let column = try #require(table[0].firstIndex(of: "prediction_bits"))
        let losses = table.dropFirst().filter { $0[0] == model }.compactMap { Double($0[column]) }
        #expect(losses.count > 1 && (losses.min() ?? 9) < mean && mean < (losses.max() ?? 0))
        #expect(table.dropFirst().allSatisfy { $0[column].isEmpty == ($0[0] != model) })
        let used = ((systems[0]["sequence"] as? [String: Any])?["joint"] as? [String: Any])?["used"] as? Int
        #expect(systems[1]["name"] as? String == "\(used ?? 0) clusters of MFCCs")
        let again = try place.program.run(
            "evaluate", "-c", model, "data", "--baseline-data", "data", "--json", "--layer", "z", "c",
            "--threads", "3")
        #expect(again.output == result.output)
    }

    /// A checkpoint in the folder of its run knows what it was trained on.
    @Test func theBaselineOfARun() throws {
        let place = try Workplace(recordings: 3)
        try place.write(waveFile(sweep(32000, start: 9)), to: "test/long.wav")
        let short = try place.train("short")
        let few = try place.program.run("evaluate", "-c", short, "test", "--json")
        #expect(try json(few).count == 1 && few.code == 0)
        #expect(few.errors.contains("note: no baseline: ") && few.errors.contains(" frames cannot be "))
        for index in 0..<2 {
            try place.write(waveFile(sweep(32000, start: index)), to: "data/long\(index).wav")
        }
        let model = try place.train()
        let manifest = String(decoding: try place.bytes("run/recordings.tsv"), as: UTF8.self)
        // One of five is held out.
        #expect(manifest.hasPrefix("/\n") && manifest.split(separator: "\n").count == 5)
        let own = try place.program.run("evaluate", "-c", model, "test", "--json")
        #expect(own.code == 0 && !own.errors.contains("note: no baseline"), "\(own.errors)")
        let named = try place.program.run(
            "evaluate", "-c", model, "test", "--json", "--baseline-data", "run/recordings.tsv")
        #expect(named.output == own.output)
        #expect(try json(own).count == 2)
        let none = try place.program.run("evaluate", "-c", model, "test", "--json", "--no-baseline")
        #expect(try json(none).count == 1 && none.code == 0)
        try FileManager.default.copyItem(
            atPath: "\(place.path)/\(model)", toPath: "\(place.path)/alone.safetensors")
        let alone = try place.program.run("evaluate", "-c", "alone.safetensors", "test", "--json")
        #expect(try json(alone).count == 1 && alone.errors.contains("note: no baseline"), "\(alone.errors)")
        try FileManager.default.moveItem(atPath: "\(place.path)/data", toPath: "\(place.path)/moved")
        let moved = try place.program.run("evaluate", "-c", model, "test", "--json")
        #expect(moved.errors.contains("which is not there; say what to fit it on"), "\(moved.errors)")
        #expect(moved.output == none.output && moved.code == 0)
    }

    @Test func theBaselineOfTokenFiles() throws {
        let place = try Workplace(recordings: 3)
        let model = try place.train()
        for index in 0..<2 {
            try place.write(waveFile(sweep(32000, start: index)), to: "test/long\(index).wav")
            try place.write(waveFile(sweep(32000, start: 5 + index)), to: "data/long\(index).wav")
        }
        #expect(
            try place.program.run("quantize", "-c", model, "-f", "jsonl", "-o", "u.jsonl", "test").code == 0)
        let given = ["evaluate", "--json", "test", "-u", "u.jsonl", "--baseline-data", "data"]
        let result = try place.program.run(given)
        #expect(result.code == 0, "\(result.errors)")
        let own = try place.program.run("evaluate", "--json", "-c", model, "test", "--baseline-data", "data")
        let (systems, expected) = (try json(result), try json(own))
        #expect(systems.count == 2 && expected.count == 2)
        // What changes with the recordings stands beside a checkpoint's alone.
        let alike = expected[1].filter { $0.key != "stability" }
        #expect(NSDictionary(dictionary: systems[1]).isEqual(to: alike))
        let missing = try place.program.run(given.map { $0 == "test" ? "test/long0.wav" : $0 })
        #expect(missing.code == 1 && missing.output.isEmpty)
        #expect(
            missing.errors.contains("error: u.jsonl:2: utterance long1 is none of the recordings"),
            "\(missing.errors)")
        for wrong in [
            ["evaluate", "test", "-u", "u.jsonl"], ["evaluate", "-u", "u.jsonl", "--baseline-data", "data"],
            given + ["--no-baseline"],
        ] {
            #expect(try place.program.run(wrong).code == 64, "\(wrong)")
        }
    }
}
