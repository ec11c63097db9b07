import Files
import Foundation
import TensorFiles
import TestSupport
import Testing
import TokenFiles

/// Formats of one line per recording, byte for byte.
@Suite struct LineFormatTests {
    let trial: TokenTrial

    init() throws { trial = try TokenTrial() }

    @Test(arguments: [
        (TokenIDs.pair, false, "b/x.wav\t3-17 3-17 250-4\na.flac\t0-299\n"),
        (.pair, true, "b/x.wav\t3-17 250-4\t2 1\na.flac\t0-299\t1\n"),
        (.combined, false, "b/x.wav\t917 917 75004\na.flac\t299\n"),
        (.combined, true, "b/x.wav\t917 75004\t2 1\na.flac\t299\t1\n"),
        (.flat, false, "b/x.wav\t3 317 3 317 250 304\na.flac\t0 599\n"),
        (.flat, true, "b/x.wav\t3 317 250 304\t2 1\na.flac\t0 599\t1\n"),
    ])
    func tsv(ids: TokenIDs, deduplicates: Bool, text: String) throws {
        #expect(try trial.text(.tsv, ids, deduplicates: deduplicates) == text)
        #expect(try trial.names == ["out", "out.json"])
    }

    /// Line n belongs to input n, whatever happened to the others.
    @Test(arguments: [
        (TokenIDs.pair, "3-17 3-17 250-4\n\n0-299\n"), (.combined, "917 917 75004\n\n299\n"),
        (.flat, "3 317 3 317 250 304\n\n0 599\n"),
    ])
    func fairseq(ids: TokenIDs, text: String) throws {
        #expect(try trial.text(.fairseq, ids) == text)
        #expect(try trial.names == ["dict.txt", "out", "out.json"])
    }

    @Test func fairseqWithDurations() throws {
        var options = trial.options(.fairseq, deduplicates: true, output: "train.src")
        options.dictionary = trial.folder.file("counts")
        try trial.write(options)
        #expect(try trial.names == ["counts", "train.dur", "train.src", "train.src.json"])
        #expect(try trial.folder.text("train.src") == "3-17 250-4\n\n0-299\n")
        #expect(try trial.folder.text("train.dur") == "2 1\n\n1\n")
        #expect(try trial.folder.text("counts") == "0-299 1\n250-4 1\n3-17 1\n")
    }

    @Test(arguments: [
        ("train.src", "train.dur"), ("train.src.3", "train.dur.3"), ("a.src.b.txt", "a.src.b.txt.dur"),
        ("src", "src.dur"),
    ])
    func fairseqCompanions(output: String, durations: String) throws {
        try trial.write(trial.options(.fairseq, deduplicates: true, output: output))
        #expect(try trial.names == ["dict.txt", durations, output, "\(output).json"].sorted())
    }

    @Test func gslm() throws {
        #expect(try trial.text(.gslm) == "x|917 917 75004\na|299\n")
        #expect(try trial.text(.gslm, .flat) == "x|3 317 3 317 250 304\na|0 599\n")
        #expect(try trial.text(.gslm, deduplicates: true) == "x|917 75004\na|299\n")
        #expect(try trial.folder.text("out.dur") == "x|2 1\na|1\n")
    }

    @Test(arguments: [
        (TokenIDs.pair, false, "[[3,17],[3,17],[250,4]]", "[[0,299]]"),
        (.pair, true, #"[[3,17],[250,4]],"durations":[2,1]"#, #"[[0,299]],"durations":[1]"#),
        (.combined, false, "[917,917,75004]", "[299]"),
        (.flat, true, #"[3,317,250,304],"durations":[2,1]"#, #"[0,599],"durations":[1]"#),
    ])
    func jsonl(ids: TokenIDs, deduplicates: Bool, first: String, second: String) throws {
        let text = try trial.text(.jsonl, ids, deduplicates: deduplicates)
        #expect(
            text == #"{"name":"x","path":"b/x.wav","samples":800,"rate":16000,"frames":3,"ids":\#(first)}"#
                + "\n"
                + #"{"name":"a","path":"a.flac","samples":500,"rate":8000,"frames":1,"ids":\#(second)}"#
                + "\n")
    }

    @Test(arguments: [
        (1, "0", "[0]", "MonoCut"), (2, "[0,1]", "[0,1]", "MultiCut"),
    ])
    func lhotse(channels: Int, channel: String, all: String, kind: String) throws {
        let utterance = TokenizedUtterance(
            path: "b/x.wav", samples: 800, sampleRate: 16000, channels: channels, groups: 2,
            ids: [3, 17, 3, 17])
        let output = try trial.start(trial.options(.lhotse, deduplicates: true), paths: ["b/x.wav"])
        try output.write(utterance)
        try output.finish()
        let part = #""start":0,"duration":0.05,"channel":\#(channel)"#
        #expect(
            try trial.folder.text("out")
                == #"{"id":"x",\#(part),"supervisions":[{"id":"x","recording_id":"x",\#(part)}],"#
                + #""recording":{"id":"x","sources":[{"type":"file","channels":\#(all),"source":"b/x.wav"}],"#
                + #""sampling_rate":16000,"num_samples":800,"duration":0.05,"channel_ids":\#(all)},"#
                + #""custom":{"tokens":[[3,17]],"durations":[2]},"type":"\#(kind)"}"# + "\n")
    }

    @Test(arguments: [TokenFormat.jsonl, .lhotse]) func jsonHoldsAnyPath(_ format: TokenFormat) throws {
        let path = "a\t\"b\"\\\n\u{1}\u{7f}é😀/c\"\n.wav"
        let output = try trial.start(trial.options(format), paths: [path], groups: 1)
        try output.write(
            TokenizedUtterance(path: path, samples: 1, sampleRate: 1, groups: 1, ids: [5]))
        try output.finish()
        let text = try trial.folder.text("out")
        #expect(text.filter { $0 == "\n" }.count == 1)
        guard case .object(let object) = try JSONValue(parsing: text) else { throw WrongContent(text) }
        #expect(object[format == .jsonl ? "path" : "id"] == .string(format == .jsonl ? path : "c\"\n"))
    }

    /// An utterance may have another name than its path's, as in Kaldi's tables.
    @Test func namesAreKeys() throws {
        let options = trial.options(.gslm)
        let output = try TokenOutput(
            options, encoding: options.encoding(groups: 1, codewords: 300),
            recordings: [RecordingName(path: "x.wav", name: "u1"), RecordingName(path: "x.wav", name: "u2")],
            inputs: [], description: trial.description())
        for name: ByteString in ["u1", "u2"] {
            try output.write(
                TokenizedUtterance(
                    path: "x.wav", name: name, samples: 1, sampleRate: 1, groups: 1, ids: [7]))
        }
        try output.finish()
        #expect(try trial.folder.text("out") == "u1|7\nu2|7\n")
    }

    @Test func withoutFinishNoFileAppears() throws {
        do {
            let output = try trial.start(trial.options(.fairseq, deduplicates: true), paths: ["b/x.wav"])
            try output.write(TokenTrial.pairs)
        }
        #expect(try trial.names.isEmpty)
    }
}
