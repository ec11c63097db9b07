import Foundation
import Testing

/// Labels of several tiers, files and speakers, as `vqw2v evaluate` judges by them.
@Suite struct JudgedLabelsTests {
    let place: Workplace

    init() throws {
        place = try Workplace(recordings: 0)
        let ids = (0..<25).map { "[\($0 / 4 % 3)]" }.joined(separator: ",")
        try place.write(
            ["a", "b"].map { "{\"name\":\"\($0)\",\"samples\":4305,\"rate\":16000,\"ids\":[\(ids)]}\n" }
                .joined(),
            to: "ids.jsonl")
    }

    private static let labels = ["p", "q", "r", "q", "p", "q", "r", "q"]

    /// A table of phones of a and b, one 30 ms behind the other.
    private func table(speaker: (_ utterance: String, _ phone: Int) -> String?) throws {
        var text = "utterance,start,end,label,speaker\n"
        for utterance in ["a", "b"] {
            for (index, label) in Self.labels.enumerated() {
                let (start, end) = (Double(30 * index) / 1000, Double(30 * (index + 1)) / 1000)
                text += "\(utterance),\(start),\(end),\(label),\(speaker(utterance, index) ?? "")\n"
            }
        }
        try place.write(text, to: "phones.csv")
    }

    private func evaluate(_ arguments: String...) throws -> Program.Result {
        try place.program.run(["evaluate", "-u", "ids.jsonl", "--bootstrap", "0"] + arguments)
    }

    private func expect(_ result: Program.Result, _ line: String) {
        #expect(result.code == 1 && result.errors.hasPrefix("error: \(line)"), "\(result.errors)")
        #expect(result.errorLines.count == 1 && result.output.isEmpty)
    }

    @Test func speakersOfAnUtterance() throws {
        try table { utterance, _ in utterance == "a" ? "s1" : "s2" }
        let good = try evaluate("-a", "phones.csv", "--abx", "any")
        #expect(good.code == 0 && good.output.contains("across speakers"), "\(good.errors)")
        // The same, where another file of the utterances comes first.
        try place.write("0 4000 w\n", to: "words/a.wrd")
        try place.write("0 4000 w\n", to: "words/b.wrd")
        let behind = try evaluate("-a", "words", "phones.csv", "--abx", "any")
        #expect(behind.output == good.output, "\(behind.errors)")
        try table { utterance, phone in utterance == "a" && phone > 3 ? "s3" : "s1" }
        expect(
            try evaluate("-a", "phones.csv", "--abx", "any"),
            "phones.csv:6: utterance a is of \"s3\", and of \"s1\" in phones.csv:2: give it one speaker")
        #expect(try evaluate("-a", "phones.csv", "--abx", "none").code == 0)
        try place.write("a s1\nb s2\n", to: "utt2spk")
        let named = try evaluate("-a", "phones.csv", "--abx", "any", "--speakers", "utt2spk")
        #expect(named.output == good.output, "\(named.errors)")
        try table { utterance, _ in utterance == "a" ? "s1" : nil }
        expect(
            try evaluate("-a", "phones.csv", "--abx", "any"),
            "ids.jsonl:2: utterance b has no speaker, which others have")
    }

    /// TIMIT's words overlap; its phones do not.
    @Test func wordsThatOverlap() throws {
        for name in ["a", "b"] {
            try place.write("0 2000 h#\n2000 4000 ae\n", to: "timit/\(name).PHN")
            try place.write("0 2500 had\n2000 4000 your\n", to: "timit/\(name).WRD")
        }
        let phones = try evaluate("-a", "timit", "--abx", "none")
        #expect(phones.code == 0, "\(phones.errors)")
        expect(
            try evaluate("-a", "timit", "--tier", "words"),
            "timit/a.WRD:2: begins before the interval before it ends (0.15625 s)")
    }

    /// A line is named with the file that it is in.
    @Test func tiersOfSeveralFiles() throws {
        for name in ["a", "b"] {
            try place.write("0 4000 p\n", to: "ph/\(name).phn")
            try place.write("0 2000 x\n2000 4000 w\n4000 90000 v\n", to: "wd/\(name).wrd")
        }
        for folders in [["ph", "wd"], ["wd", "ph"]] {
            let phones = try evaluate("--abx", "none", "-a", folders[0], folders[1])
            #expect(phones.code == 0, "\(phones.errors)")
            expect(
                try evaluate("--tier", "words", "-a", folders[0], folders[1]), "wd/a.wrd:3: ends at 5.625 s")
        }
        expect(
            try evaluate("-a", "ph", "wd", "ph/a.phn"),
            "ph/a.phn:1: the tier \"phones\" of utterance a is in ph/a.phn already")
    }

    @Test func tiersOfOneName() throws {
        let tier = "\"IntervalTier\"\n\"phones\"\n0\n1\n1\n0\n1\n\"p\"\n"
        let grid = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n1\n<exists>\n2\n"
        try place.write(grid + tier + tier, to: "a.TextGrid")
        expect(
            try evaluate("-a", "a.TextGrid", "--matched-only"),
            "a.TextGrid:16: there are two tiers \"phones\", another begins in line 8")
    }

    /// Shares of no frames are told as none, and no resample without frames counts.
    @Test func utterancesWithoutFrames() throws {
        try place.write(
            "{\"name\":\"a\",\"samples\":0,\"ids\":[]}\n"
                + "{\"name\":\"b\",\"samples\":2065,\"ids\":[[0],[0],[1],[1],[0],[1],[1],[0],[1],[1],[0]]}\n",
            to: "ids.jsonl")
        try place.write("a\t0\t0.01\tp\nb\t0\t0.06\tp\nb\t0.06\t0.12\tq\n", to: "phones.tsv")
        let result = try place.program.run(
            "evaluate", "-u", "ids.jsonl", "-a", "phones.tsv", "--abx", "none", "--json", "--csv", "each.csv")
        #expect(result.code == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let system = try #require((object?["systems"] as? [[String: Any]])?.first)
        let interval = try #require((system["intervals"] as? [String: Any])?["PNMI"] as? [String: Double])
        let (lower, upper) = (try #require(interval["lower"]), try #require(interval["upper"]))
        #expect(upper - lower < 1e-9 && upper < 0.9)
        #expect((system["sequence"] as? [String: Any])?["seconds"] as? Double == 2065.0 / 16000)
        let rows = String(decoding: try place.bytes("each.csv"), as: UTF8.self).split(separator: "\n")
        let fields = rows.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let column = try #require(fields[0].firstIndex(of: "PNMI"))
        #expect(fields[1][column].isEmpty && !fields[2][column].isEmpty)
        try place.write("{\"name\":\"a\",\"samples\":0,\"ids\":[]}\n", to: "ids.jsonl")
        try place.write("a\t0\t0.01\tp\n", to: "phones.tsv")
        let none = try evaluate("-a", "phones.tsv", "--json", "--abx", "none")
        #expect(none.code == 0 && none.output.contains(/"PNMI" ?: null/), "\(none.output)")
    }
}
