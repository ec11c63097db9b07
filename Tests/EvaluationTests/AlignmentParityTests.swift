import Files
import Foundation
import Speech
import SystemPackage
import TensorFiles
import TestSupport
import Testing

/// Every format gives what the tools that wrote it read back, and what is malformed is refused where it is.
@Suite struct AlignmentParityTests {
    @Test(arguments: GoldenFolder.files("alignments"))
    func everyFormat(_ golden: GoldenCase) throws {
        let expected = try golden.json("expected.json")
        for (file, about) in expected["files"].members {
            var options = AlignmentOptions()
            if about["rate"].integer > 0 { options.sampleRate = about["rate"].integer }
            let alignments = try Alignment.read(FilePath(golden.path(file)), options: options)
            let utterances = about["utterances"].members
            guard utterances.isEmpty else {
                #expect(alignments.map(\.utterance.description) == utterances.map(\.0), "\(file)")
                for ((_, expected), alignment) in zip(utterances, alignments) {
                    let tiers = expected["tiers"] == .null ? expected : expected["tiers"]
                    check(alignment, tiers, file, expected: expected)
                }
                continue
            }
            #expect(alignments.count == 1, "\(file)")
            for alignment in alignments { check(alignment, about["tiers"], file, expected: about) }
        }
        #expect(expected["files"].members.count > 15)
    }

    private func check(_ alignment: Alignment, _ tiers: JSONValue, _ file: String, expected: JSONValue) {
        #expect(alignment.tiers.map(\.name) == tiers.members.map(\.0), "\(file)")
        for ((name, tier), actual) in zip(tiers.members, alignment.tiers) {
            let entries = tier["entries"].items.map(\.items)
            switch actual.entries {
            case .intervals(let intervals):
                #expect(tier["kind"].string == "intervals", "\(file) \(name)")
                #expect(intervals.count == entries.count, "\(file) \(name)")
                var stripped = alignment
                stripped = strip(stripped)
                let cut = stripped.tiers.first { $0.name == name }?.intervals ?? []
                for (place, (entry, interval)) in zip(entries, intervals).enumerated() {
                    #expect(abs(entry[0].number - interval.start) <= 1e-9, "\(file) \(interval)")
                    #expect(abs(entry[1].number - interval.end) <= 1e-9, "\(file) \(interval)")
                    #expect(entry[2].string == interval.label, "\(file) \(interval)")
                    if entry.count > 3 { #expect(entry[3].string == cut[place].label, "\(file) \(interval)") }
                }
            case .points(let points):
                #expect(tier["kind"].string == "points", "\(file) \(name)")
                #expect(points.count == entries.count, "\(file) \(name)")
                for (entry, point) in zip(entries, points) {
                    #expect(
                        abs(entry[0].number - point.time) <= 1e-9 && entry[1].string == point.label, "\(file)"
                    )
                }
            }
        }
    }

    /// As the file is read where positions are stripped.
    private func strip(_ alignment: Alignment) -> Alignment {
        var options = AlignmentOptions()
        options.stripsPositions = true
        let read = try? Alignment.read(FilePath(alignment.path), options: options)
        return read?.first { $0.utterance == alignment.utterance } ?? alignment
    }

    @Test(arguments: GoldenFolder.files("alignments"))
    func malformed(_ golden: GoldenCase) throws {
        for fault in try golden.json("malformed/expected.json")["files"].items {
            let file = try #require(fault["file"].string)
            let path = golden.path("malformed/\(file)")
            do {
                let read = try Alignment.read(FilePath(path))
                // Intervals that overlap are told where their tier is judged.
                for alignment in read {
                    for tier in alignment.tiers where tier.intervals != nil {
                        _ = try alignment.tier(tier.name)
                    }
                }
                Issue.record("\(file) is read: \(read.first?.tiers.first?.intervals?.prefix(2) ?? [])")
            } catch let error as AlignmentError {
                let line = fault["line"].integer
                let text = "\(error)"
                #expect(text.hasPrefix(line > 0 ? "\(path):\(line): " : path), "\(fault["fault"]): \(text)")
                #expect(messageLine(text).count <= 300 && !text.contains("\n"), "\(text)")
            }
        }
    }

    @Test func tiersByName() throws {
        let path = try #require(GoldenFolder.files("alignments").first).path("praat_long_utf8.TextGrid")
        let alignment = try #require(try Alignment.read(FilePath(path)).first)
        #expect(try alignment.tier(nil).count == 69)
        #expect(try alignment.tier("words").count == 5)
        for name in ["events", "Phones"] {
            do {
                _ = try alignment.tier(name)
                Issue.record("\(name)")
            } catch {
                #expect(
                    "\(error)"
                        == "\(path):1: utterance praat_long_utf8 has the tiers \"words\", \"phones\", none "
                        + "\"\(name)\"; choose one with --tier")
            }
        }
    }

    /// An empty tier is named by the line it begins in, an empty file by its first.
    @Test func nothingToBeRead() throws {
        let folder = try TemporaryFolder()
        let grid =
            "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n1\n<exists>\n2\n\"IntervalTier\"\n"
            + "\"words\"\n0\n1\n1\n0\n1\n\"w\"\n\"IntervalTier\"\n\"phones\"\n0\n1\n0\n"
        let path = try folder.write(grid, to: "a.TextGrid")
        let alignment = try #require(try Alignment.read(FilePath(path)).first)
        #expect(
            message { try alignment.tier(nil) }
                == "\(path):16: has no intervals; leave the file out, or align it again")
        for (name, text) in [
            ("a.lab", ""), ("b.lab", "\n \n"), ("c.lab", "separator ;\nnfields 1\n#\n"),
            ("d.lab", "#!MLF!#\n"),
            ("a.phn", ""), ("a.ctm", ";; a comment\n"), ("a.csv", ""),
            ("b.csv", "utterance,start,end,label\n"),
            ("a.tsv", ""), ("a.txt", ""), ("a.mlf", ""),
        ] {
            let path = try folder.write(text, to: name)
            #expect(
                message { try Alignment.read(FilePath(path)) }.hasPrefix("\(path):1: has no intervals"),
                "\(name)")
        }
    }

    /// Two sides of a conversation in one utterance are refused where they speak at once.
    @Test func channels() throws {
        let folder = try TemporaryFolder()
        let turns = "c A 0 0.5 a\nc B 0.5 0.5 b\nc A 1 0.5 a\n"
        let alignment = try Alignment.read(FilePath(folder.write(turns, to: "a.ctm")))[0]
        #expect(try alignment.tier(nil).map(\.label) == ["a", "b", "a"])
        let path = try folder.write(turns + "d A 0 0.5 a\nc B 1.2 0.5 b\n", to: "b.ctm")
        #expect(
            message { try Alignment.read(FilePath(path))[0].tier(nil) }
                .hasPrefix("\(path):5: channel \"B\" speaks while channel \"A\" does; "))
        let one = try folder.write("c A 0 0.5 a\nc A 0.2 0.5 b\n", to: "c.ctm")
        #expect(
            message { try Alignment.read(FilePath(one))[0].tier(nil) }.contains(
                ":2: begins before the interval before"))
    }

    @Test func files() throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let below = folder.appendingPathComponent("day")
        try FileManager.default.createDirectory(at: below, withIntermediateDirectories: true)
        func write(_ text: String, _ name: String) throws {
            try text.write(to: below.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        try write("0 160 a\n", "u.phn")
        try write("0 160 word\n", "u.wrd")
        try write("0 46797 A transcript.\n", "u.txt")
        let path = FilePath(folder.path)
        let set = try AlignmentSet([path])
        #expect(set.alignments.count == 1)
        #expect(set["u"]?.tiers.map(\.name) == ["phones", "words"])
        #expect(try AlignmentSet([path], naming: .path)["day/u"] != nil)
        try write("0 100000 b\n", "u.lab")
        let other = below.appendingPathComponent("u.phn").path
        #expect {
            try AlignmentSet([path])
        } throws: { error in
            "\(error)" == "\(other):1: the tier \"phones\" of utterance u is in "
                + "\(below.appendingPathComponent("u.lab").path) already; give one of them"
        }
        #expect(throws: AlignmentError.unknownFormat(path: "\(path)/x.doc")) {
            try "".write(to: folder.appendingPathComponent("x.doc"), atomically: true, encoding: .utf8)
            return try AlignmentSet([FilePath("\(path)/x.doc")])
        }
    }
}
