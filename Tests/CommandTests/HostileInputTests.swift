import Foundation
import Testing

/// Files whose numbers say what nothing can have: a line and an exit code, at once, and no signal.
@Suite(.timeLimit(.minutes(2))) struct HostileInputTests {
    private static let ids = "a\t0-1 0-1 1-1\nb\t1-0 1-1 0-0\n"
    private static let phones =
        "utterance,start,end,label\na,0,0.02,p\na,0.02,0.04,q\nb,0,0.02,q\nb,0.02,0.04,p\n"

    private func refused(
        _ result: Program.Result, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.code > 0, "\(result.code) \(result.errors)", sourceLocation: sourceLocation)
        #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: sourceLocation)
        #expect(
            result.errorLines.count { !$0.hasPrefix("note: ") } == 1, "\(result.errors)",
            sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        #""hop_samples":9223372036854775807"#, #""window_samples":9223372036854775807"#,
        #""groups":9223372036854775807"#, #""codewords":9223372036854775807"#,
    ])
    func descriptionsOfUnits(field: String) throws {
        let place = try Workplace(recordings: 0)
        try place.write(Self.ids, to: "ids.tsv")
        let key = field.split(separator: "\"")[0]
        let others = [#""hop_samples":160"#, #""window_samples":465"#, #""sample_rate":16000"#].filter {
            !$0.contains(key)
        }
        let origin = [#""program":"vqw2v""#, #""checkpoint_sha256":"0""#, #""configuration":{}"#]
        try place.write("{\((origin + others + [field]).joined(separator: ","))}", to: "ids.tsv.json")
        for command in [["evaluate", "-u", "ids.tsv"], ["report", "ids.tsv", "-o", "page.html"]] {
            refused(try place.program.run(command), "ids.tsv is described with \(key) 9223372036854775807")
        }
    }

    /// A description that was cut off does not count as none, which would give other figures.
    @Test(arguments: ["tsv", "npz"]) func aDamagedDescription(_ format: String) throws {
        let place = try Workplace(recordings: 2)
        let ids = "ids.\(format)"
        let made = try place.program.run(
            "quantize", "-c", try place.train(), "data", "-f", format, "-o", ids)
        #expect(made.code == 0, "\(made.errors)")
        let whole = try place.bytes("\(ids).json")
        try place.write(Array(whole.prefix(whole.count / 2)), to: "\(ids).json")
        refused(
            try place.program.run("evaluate", "-u", ids),
            "\(ids).json does not describe what it stands beside: it is no JSON")
    }

    @Test func numbersOfGroups() throws {
        let place = try Workplace(recordings: 0)
        try place.write("a\t5 6 7\n", to: "ids.tsv")
        refused(
            try place.program.run(
                "evaluate", "-u", "ids.tsv", "--ids", "combined", "--groups", "1000000", "--codewords", "2"),
            "ids.tsv:1: no single id stands for 1000000 groups")
        for option in ["--groups", "--codewords", "--hop", "--window", "--rate"] {
            let result = try place.program.run("evaluate", "-u", "ids.tsv", option, "9223372036854775807")
            #expect(result.code == 64 && result.errors.contains("\(option) must be from 1 to"))
        }
    }

    @Test func durations() throws {
        let place = try Workplace(recordings: 0)
        let line = #"{"name":"a","ids":[[1,2],[3,4]],"durations":[2147483647,2147483647]}"#
        try place.write(line, to: "ids.jsonl")
        refused(
            try place.program.run("evaluate", "-u", "ids.jsonl"),
            "ids.jsonl:1: its durations are 4294967294 frames")
        // Of many lines each is possible, and not all of them.
        let lines = (0..<1000).map { #"{"name":"\#($0)","ids":[[1,2]],"durations":[4000000]}"# + "\n" }
        try place.write(lines.joined(), to: "ids.jsonl")
        refused(
            try place.program.run("evaluate", "-u", "ids.jsonl"),
            "ids.jsonl:2: with it durations are 8000000 frames of 2000 ids")
    }

    @Test func timesAndLabels() throws {
        let place = try Workplace(recordings: 0)
        try place.write(Self.ids, to: "ids.tsv")
        try place.write(Self.phones + "b,0.04,1e141,p\n", to: "late.csv")
        refused(
            try place.program.run("evaluate", "-u", "ids.tsv", "-a", "late.csv"),
            "late.csv:6: ends at 1e+141 s")
        // Words beside as many units, say.
        let frames = 8200
        try place.write("a\t" + (0..<frames).map(String.init).joined(separator: " ") + "\n", to: "many.tsv")
        let words = (0..<frames).map { "a,\(Double($0) / 100),\(Double($0 + 1) / 100),w\($0)\n" }
        try place.write("utterance,start,end,label\n" + words.joined(), to: "many.csv")
        refused(
            try place.program.run(
                "evaluate", "-u", "many.tsv", "-a", "many.csv", "--abx", "none", "--window", "160"),
            "are no phones; choose the tier of phones")
    }

    /// 2⁶⁴ paths, and one folder.
    @Test func foldersOfLabelsInCircles() throws {
        let place = try Workplace(recordings: 0)
        try place.write(Self.ids, to: "ids.tsv")
        try place.write("", to: "circle/x.txt")
        for name in ["a", "b"] { #expect(symlink(".", "\(place.path)/circle/\(name)") == 0) }
        refused(
            try place.program.run("evaluate", "-u", "ids.tsv", "-a", "circle"), "circle: holds no alignments")
        try place.write(Self.phones, to: "phones.csv")
        try place.write("s1 1 0 0.02 p\n", to: "circle/s1.ctm")
        refused(
            try place.program.run("evaluate", "-u", "ids.tsv", "-a", "circle", "--matched-only"),
            "no utterance of it is in")
    }

    @Test(arguments: [
        #""max_updates":1e300"#, #""max_updates":9223372036854775807"#, #""codebook_size":1e300"#,
        #""gradient_norm":5e-324"#, #""gradient_norm":1.7e308"#, #""loss_bits":1.7e308"#,
    ])
    func logsOfRuns(field: String) throws {
        let place = try Workplace(recordings: 0)
        let lines = (1...3).map { #"{"type":"train","update":\#($0),\#(field)}"# }
        try place.write(lines.joined(separator: "\n") + "\n", to: "run/log.jsonl")
        let result = try place.program.run("report", "run", "-o", "page.html")
        #expect(result.code == 0, "\(result.code) \(result.errors)")
        #expect(place.exists("page.html"))
    }

    @Test func checksumsOfClusters() throws {
        let place = try Workplace()
        let made = try place.program.run(
            "cluster", "--layer", "mfcc", "--units", "4", "-o", "k.safetensors", "data")
        #expect(made.code == 0, "\(made.errors)")
        var bytes = [UInt8](try place.bytes("k.safetensors"))
        let key = try #require(bytes.firstRange(of: Array("\"crc32\"".utf8)))
        bytes[key.lowerBound + 1] ^= 1
        try place.write(bytes, to: "k.safetensors")
        refused(
            try place.program.run("quantize", "--clusters", "k.safetensors", "data"), "k.safetensors")
    }
}
