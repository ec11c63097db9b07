import Foundation
import Testing

/// Lists of recordings: tables, archives, standard input.
@Suite struct InputsTests {
    /// The ids alone.
    private func ids(_ result: Program.Result) -> [Substring] {
        result.outputLines.compactMap { $0.split(separator: "\t").last }
    }

    @Test func theSameIdsFromFilesArchivesAndLists() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.writeArchive()
        let files = try place.program.run("quantize", "--checkpoint", model, "data")
        try #require(files.outputLines.count == 5)

        let table = try place.program.run("quantize", "--checkpoint", model, "wav.scp")
        #expect(table.code == 0)
        #expect(ids(table) == ids(files))
        #expect(table.output.hasPrefix("wav.ark:4\t"))

        let listed = try place.program.shell("ls data/*.wav | \"$VQW2V\" quantize --checkpoint \(model) -")
        #expect(listed.code == 0)
        #expect(listed.output == files.output)
        // Every line of a list counts, and other inputs can stand beside it.
        let twice = try place.program.shell(
            "printf 'data/1.wav\\r\\ndata/1.wav' | \"$VQW2V\" quantize --checkpoint \(model) data/0.wav -")
        #expect(twice.outputLines == [0, 1, 1].map { files.outputLines[$0] })

        try FileManager.default.createDirectory(
            atPath: place.path + "/kaldi", withIntermediateDirectories: false)
        try place.write(try String(decoding: place.bytes("wav.scp"), as: UTF8.self), to: "kaldi/wav.scp")
        try place.write("u a-3 0 -1\nv a-1 0.05 0.1\n", to: "kaldi/segments")
        try place.write(waveFile(Array(sweep(1800, start: 1)[800..<1600])), to: "part.wav")
        let segments = try place.program.run("quantize", "--checkpoint", model, "kaldi/wav.scp")
        let part = try place.program.run("quantize", "--checkpoint", model, "part.wav")
        #expect(ids(segments) == [ids(files)[3], ids(part)[0]])
    }

    @Test func aTableIsTrainedOn() throws {
        let place = try Workplace()
        try place.writeArchive()
        let files = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", "files")
        let table = try place.program.run("train", "wav.scp", "--config", "tiny.yaml", "--output", "table")
        #expect(table.code == 0, "\(table.errors)")
        func losses(_ run: String) throws -> [String] {
            try String(decoding: place.bytes("\(run)/log.jsonl"), as: UTF8.self).split(separator: "\n")
                .compactMap { $0.firstMatch(of: /"loss_bits":[^,]*/).map { String($0.output) } }
        }
        #expect(files.code == 0)
        #expect(try losses("table") == losses("files") && !losses("files").isEmpty)
    }

    // MARK: Bad input

    @Test(arguments: [
        (
            "a data/0.wav\nb touch ran; cat data/1.wav |\n",
            "list.scp:2: b is the output of a command (touch ran; "
        ),
        ("a data/0.wav\nb\n", "list.scp:2: expected \"key path\""),
        ("a data/0.wav\na data/1.wav\n", "list.scp:2: the key a"),
        ("", "list.scp: lists no recordings"), ("a d\0ata/0.wav\n", "list.scp:1: contains a zero byte"),
        ("a data/0.wav:99999\n", "error: data/0.wav:99999: the archive has only 3044 bytes"),
        ("a data/0.wav:44\n", "error: data/0.wav:44: no WAV begins at this byte"),
        ("a data/gone.wav\n", "error: data/gone.wav: no such file"),
    ])
    func aTable(text: String, problem: String) throws {
        let place = try Workplace()
        let model = try place.train()
        try place.write(text, to: "list.scp")
        let result = try place.program.run("quantize", "--checkpoint", model, "list.scp")
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.errors.contains(problem), "\(result.errors)")
        #expect(
            result.errorLines.filter { $0.hasPrefix("error: ") && $0.contains(problem.dropFirst(7)) }.count
                == 1)
        let trained = try place.program.run("train", "list.scp", "--config", "tiny.yaml", "--output", "other")
        #expect(trained.code == 1 && trained.errorLines.count == 1)
        #expect(!place.exists("ran") && !place.exists("other"))
    }

    @Test(arguments: [
        ("", "standard input: lists no recordings"), ("\\n\\n", "standard input: lists no recordings"),
        ("data/0.wav\\0data/1.wav\\0", "standard input:1: contains a zero byte"),
        ("\\377\\376a\\n", "standard input: is UTF-16 text: save it as UTF-8"),
        ("gone.wav\\n", "gone.wav: no such file"), ("data\\n", "data: is a directory, not a recording"),
    ])
    func aListOnStandardInput(text: String, problem: String) throws {
        let place = try Workplace()
        let model = try place.train()
        let result = try place.program.shell(
            "printf '\(text)' | \"$VQW2V\" quantize --checkpoint \(model) -")
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.errorLines.first == "error: \(problem)" || result.errors.contains(problem))
    }

    @Test func theRestOfAListIsDone() throws {
        let place = try Workplace()
        let model = try place.train()
        let good = try place.program.run("quantize", "--checkpoint", model, "data")
        let result = try place.program.shell(
            "printf 'data/0.wav\\ngone.wav\\ndata/1.wav\\n' | \"$VQW2V\" quantize --checkpoint \(model) -")
        #expect(result.code == 1)
        #expect(result.outputLines == Array(good.outputLines.prefix(2)))
    }

    @Test func listsAndArchivesAreNotReplaced() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.writeArchive()
        let before = try place.bytes("wav.ark")
        for output in ["wav.ark", "./wav.scp"] {
            let result = try place.program.run(
                "quantize", "--checkpoint", model, "wav.scp", "--output", output)
            #expect(result.code == 1)
            #expect(result.errors == "error: \(output) is an input; give the output another name\n")
        }
        #expect(try place.bytes("wav.ark") == before)
    }
}
