import Foundation
import Testing

/// What `vqw2v evaluate` and `report` refuse to judge: figures of it would mean nothing.
@Suite struct EvaluateRefusalTests {
    /// Recordings of 1,500, 1,800 and 2,100 samples with a phone each 20 ms; a frame of the model has 45 samples, the
    /// next one begins 20 later.
    private static let phones = phones(of: 0..<3)

    private static func phones(of names: Range<Int>) -> String {
        let lines = names.flatMap { name in
            (0..<4).map { place in
                let (start, phone) = (0.02 * Double(place), place % 2 == 0 ? "p" : "q")
                return "\(name)\t\(start)\t\(start + 0.02)\t\(phone)\n"
            }
        }
        return lines.joined()
    }

    private let place: Workplace

    init() throws {
        place = try Workplace(recordings: 3)
        try place.write(Self.phones, to: "phones.tsv")
        for index in 0..<3 { try place.write(waveFile(sweep(3000, start: index)), to: "other/\(index).wav") }
    }

    private func expect(
        _ arguments: [String], _ problem: String, code: Int32 = 1,
        location: SourceLocation = #_sourceLocation
    ) throws {
        let result = try place.program.run(arguments)
        #expect(result.code == code && result.output.isEmpty, "\(arguments)", sourceLocation: location)
        let errors = result.errorLines.filter { $0.hasPrefix("error: ") }
        #expect(
            errors.count == 1 && result.errors.contains(problem), "\(result.errors)", sourceLocation: location
        )
        for line in errors { #expect(line.count <= 300, "\(line)", sourceLocation: location) }
    }

    private func json(_ arguments: [String]) throws -> [[String: Any]] {
        let result = try place.program.run(["evaluate", "--json"] + arguments)
        #expect(result.code == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(object?["systems"] as? [[String: Any]])
    }

    private func abx(_ system: [String: Any]) -> [[String: Any]] { system["abx"] as? [[String: Any]] ?? [] }

    private func quantize(_ format: String, to name: String) throws {
        let model = place.exists("run") ? "run/last.safetensors" : try place.train()
        let result = try place.program.run("quantize", "-c", model, "data", "-f", format, "-o", name)
        try #require(result.code == 0, "\(result.errors)")
    }

    private func extract(_ layer: String, to name: String) throws {
        let model = try place.train("run-\(layer)")
        let result = try place.program.run(
            "extract", "-c", model, "data", "--layer", layer, "-f", "npy", "-o", name)
        try #require(result.code == 0, "\(result.errors)")
    }

    /// A file without lengths: they follow from the number of frames.
    @Test func labelsBeyondTheUnits() throws {
        try quantize("tsv", to: "ids.tsv")
        let given = ["-u", "ids.tsv", "-a", "phones.tsv"]
        #expect(try place.program.run(["evaluate"] + given).code == 0)
        try expect(
            ["evaluate"] + given + ["--hop", "5"],
            "phones.tsv:4: ends at 0.08 s, its recording at 0.0253125 s")
        try expect(
            ["report"] + given.dropFirst() + ["--hop", "5", "-o", "r.html"],
            "phones.tsv:4: ends at 0.08 s, its")
        try place.write(Self.phones + "2\t0.08\t40\tp\n", to: "phones.tsv")
        try expect(
            ["evaluate"] + given,
            "phones.tsv:13: ends at 40.0 s, its recording at 0.1303125 s as the number of")
    }

    @Test func unitsOfOtherRecordings() throws {
        try quantize("fairseq", to: "ids.src")
        let same = try json(["-u", "ids.src", "--recordings", "data"])
        let sequence = try #require(same.first?["sequence"] as? [String: Any])
        #expect(sequence["seconds_are_estimates"] as? Bool == false)
        #expect(abs((sequence["seconds"] as? Double ?? 0) - 5400.0 / 16000) < 1e-12)
        let other = "has 73 frames where 3000 samples of other/0.wav give 148"
        try expect(["evaluate", "-u", "ids.src", "--recordings", "other"], "ids.src:1: \(other)")
        // A list of recordings that are elsewhere tells their lengths, too.
        try place.write("/elsewhere\n0.wav\t1500\n1.wav\t1800\n2.wav\t4000\n", to: "list.tsv")
        try expect(
            ["evaluate", "-u", "ids.src", "--recordings", "list.tsv"],
            "ids.src:3: has 103 frames where 4000 samples of /elsewhere/2.wav give 198")
        try quantize("tsv", to: "ids.tsv")
        try expect(
            ["evaluate", "other", "-u", "ids.tsv", "--baseline-data", "data"], "ids.tsv:1: \(other)")
        try expect(["report", "ids.tsv", "--audio", "other", "-o", "r.html"], "ids.tsv:1: \(other)")
        #expect(!place.exists("r.html"))
    }

    @Test func featuresWithoutTheirLabels() throws {
        try extract("c", to: "c")
        let given = ["evaluate", "--features", "c", "-a", "phones.tsv", "--abx", "any"]
        let whole = try json(Array(given.dropFirst()))
        #expect(abx(whole[0]).map { $0["items"] as? Int } == [6])
        try place.write(Self.phones + "3\t0\t0.02\tp\n", to: "phones.tsv")
        try expect(given, "phones.tsv:13: there are no frames of utterance 3; ")
        #expect(
            try abx(json(Array(given.dropFirst()) + ["--matched-only"])[0]).map { $0["items"] as? Int } == [6]
        )
        try place.write(Self.phones(of: 0..<2), to: "phones.tsv")
        try expect(given, "c: utterance 2 has no alignment; ")
        try place.write("x\t0\t0.02\tp\n", to: "phones.tsv")
        try expect(given + ["--matched-only"], "c: no utterance of it is in phones.tsv; ")
        try place.write(Self.phones + "2\t0.08\t40\tp\n", to: "phones.tsv")
        try expect(given, "phones.tsv:13: ends at 40.0 s, its recording at ")
    }

    /// It has layers, and MFCCs beside them, but nothing that clusters could be as many as.
    @Test func aModelWithoutUnits() throws {
        try place.write(
            Workplace.configuration.replacing("{groups: 2, variables: 8}", with: "{kind: none}"),
            to: "tiny.yaml")
        let model = try place.train()
        let given = ["-c", model, "data", "--layer", "z", "-a", "phones.tsv", "--abx", "any"]
        let systems = try json(given)
        #expect(systems.map { $0["name"] as? String } == [model, "MFCCs"])
        #expect(systems.map { abx($0).map { $0["of"] as? String } } == [["z"], ["mfcc"]])
        #expect(try json(given + ["--no-baseline"]).count == 1)
        // z is logarithms of 1 + |x|, and no less than 0; MFCCs are no distributions.
        let distances = try json(given + ["--distance", "kl"]).map {
            abx($0).map { $0["distance"] as? String }
        }
        #expect(distances == [["kl"], ["angular"]])
        let told = try place.program.run(["evaluate"] + given + ["--baseline-data", "data"])
        #expect(told.code == 0 && told.errors.contains("note: \(model) has no units"), "\(told.errors)")
        let none = try place.program.run("evaluate", "-c", model, "data", "--baseline-data", "data")
        #expect(none.code == 0 && none.errors.contains("(--layer, --alignments)"), "\(none.errors)")
        try place.write(Self.phones + "3\t0\t0.02\tp\n", to: "phones.tsv")
        try expect(["evaluate"] + given, "phones.tsv:13: there are no frames of utterance 3; ")
        try place.write(Self.phones + "2\t0.08\t40\tp\n", to: "phones.tsv")
        try expect(["evaluate"] + given, "phones.tsv:13: ends at 40.0 s, its recording at 0.13125 s; ")
    }

    @Test func framesThatAreNoDistributions() throws {
        try extract("c", to: "c")
        let given = ["--features", "c", "-a", "phones.tsv", "--abx", "any", "--distance"]
        try expect(["evaluate"] + given + ["kl"], "hold negative numbers, so that they are no distributions")
        #expect(try abx(json(given + ["cosine"])[0]).first?["distance"] as? String == "angular")
    }

    @Test func itemsWithoutContexts() throws {
        try extract("c", to: "c")
        let lines = (0..<3).flatMap { name in
            (0..<4).map { "\(name) \(0.02 * Double($0)) \(0.02 * Double($0 + 1)) \($0 % 2 == 0 ? "p" : "q")" }
        }
        let bare = lines.map { $0 + " s\n" }.joined()
        let whole = lines.enumerated().map { "\($1) l\($0 % 3) r s\n" }.joined()
        try place.write("#file onset offset #phone speaker\n" + bare, to: "bare.item")
        try place.write("#file onset offset #phone prev-phone next-phone speaker\n" + whole, to: "whole.item")
        let given = ["--features", "c", "--items"]
        try expect(["evaluate"] + given + ["bare.item"], "bare.item: has no column \"prev-phone\"")
        func triples(_ more: [String]) throws -> Int? {
            abx(try json(given + more)[0]).first?["triples"] as? Int
        }
        let any = try triples(["bare.item", "--abx", "any"])
        #expect(any == 2 * 6 * 5 * 6)
        #expect(try triples(["whole.item", "--abx", "any"]) == any)
        let within = try triples(["whole.item"])
        #expect(within == 3 * 2 * 2 * 1 * 2)
        #expect(try triples(["whole.item", "--abx", "triphone"]) == within)
    }

    @Test(arguments: [
        (["--items", "x", "--abx", "none"], "--items and --abx none contradict each other"),
        (
            ["--distance", "kl", "--distance", "cosine"],
            "--distance is given 2 times for features (kl, angular)"
        ),
        (["--distance", "edit", "--distance", "edit"], "--distance is given 2 times for ids (edit, edit)"),
        (["--hop", "9223372036854775807"], "--hop must be from 1 to"),
        (["--features", "c"], "name alignments or items (--alignments, --items)"),
        (
            ["--features", "c", "-a", "x", "--abx", "none"],
            "name alignments or items (--alignments, --items)"
        ),
    ])
    func optionsThatContradictEachOther(_ options: [String], _ problem: String) throws {
        let result = try place.program.run(["evaluate", "-u", "ids"] + options)
        #expect(result.code == 64 && result.errors.contains(problem), "\(result.errors)")
    }

    @Test(arguments: ["phones.tsv", "data/0.wav", "utt2spk", "run/best.safetensors"])
    func theTableIsNoInput(_ name: String) throws {
        try quantize("tsv", to: "ids.tsv")
        try place.write("0 a\n1 b\n2 c\n", to: "utt2spk")
        let before = try place.bytes(name)
        try expect(
            [
                "evaluate", "-c", "run/best.safetensors", "data", "-a", "phones.tsv", "--speakers", "utt2spk",
                "--no-baseline", "--csv", name,
            ], "error: \(name) is an input; give the output another name")
        #expect(try place.bytes(name) == before)
    }

    @Test(arguments: ["ids.tsv", "ids.tsv.json", "phones.tsv"])
    func theTableIsNoTokenFile(_ name: String) throws {
        try quantize("tsv", to: "ids.tsv")
        let before = try place.bytes(name)
        for command in [["evaluate", "--csv", name, "-u", "ids.tsv"], ["report", "ids.tsv", "-o", name]] {
            try expect(
                command + ["-a", "phones.tsv"], "error: \(name) is an input; give the output another name")
            #expect(try place.bytes(name) == before)
        }
    }

    /// It is told before hours of work, not after them.
    @Test func aTableThatCannotBeWritten() throws {
        try quantize("tsv", to: "ids.tsv")
        try expect(
            ["evaluate", "-u", "ids.tsv", "--csv", "none/table.csv"],
            "error: none/table.csv cannot be written: No such file or directory")
    }

    @Test func groupsThatTheIDsHaveNot() throws {
        try quantize("jsonl", to: "ids.jsonl")
        try expect(
            ["evaluate", "-u", "ids.jsonl", "--groups", "3"],
            "error: ids.jsonl:1: has 2 ids in a frame, not 3; check --groups")
        try expect(
            ["evaluate", "-u", "ids.jsonl", "ids.jsonl"], "ids.jsonl is named twice: name it once", code: 64)
    }

    @Test func speakers() throws {
        try quantize("tsv", to: "ids.tsv")
        let given = ["evaluate", "-u", "ids.tsv", "-a", "phones.tsv", "--speakers", "utt2spk"]
        try expect(given, "error: utt2spk: cannot be read: No such file or directory")
        try place.write("0 a\n1 b\n0 a\n1 c\n", to: "utt2spk")
        try expect(given, "error: utt2spk:4: 1 is of b in line 2 already: give it one speaker")
        try place.write("0 a\n1 b\n2 c\n", to: "utt2spk")
        #expect(try place.program.run(given).code == 0)
        // Whose utterance it is has to be known of all.
        try place.write("0 a\n2 c\n", to: "utt2spk")
        try expect(
            given, "error: ids.tsv:2: the table of speakers does not name utterance 1; add it (--speakers)")
        // A report compares no speakers.
        let report = try place.program.run("report", "ids.tsv", "--speakers", "utt2spk", "-o", "r.html")
        #expect(report.code == 64, "\(report.errors)")
    }
}
