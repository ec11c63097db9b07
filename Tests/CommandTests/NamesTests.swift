import Foundation
import Testing

/// Names of recordings: bytes, of any length, in any folder.
@Suite struct NamesTests {
    let place: Workplace
    let model: String

    init() throws {
        place = try Workplace(recordings: 3)
        model = try place.train()
    }

    /// A line of a shell in which `q` quantizes.
    private func shell(_ line: String) throws -> Program.Result {
        try place.program.shell("q() { \"$VQW2V\" quantize --checkpoint \(model) \"$@\"; }\n\(line)")
    }

    /// The ids in a file of lines, its bytes being of any encoding.
    private func lines(_ name: String) throws -> [(name: [UInt8], ids: String)] {
        try [UInt8](place.bytes(name)).split(separator: UInt8(ascii: "\n")).map { line in
            let fields = line.split(separator: UInt8(ascii: "\t"))
            return (Array(fields[0]), String(decoding: fields[1], as: UTF8.self))
        }
    }

    private func ids(_ name: String) throws -> [String] { try lines(name).map(\.ids) }

    @Test func pathsOfOneCharacter() throws {
        let result = try shell(
            """
            q data/0.wav > expected; cp data/0.wav x; q x > named; echo 'u x' > wav.scp; q wav.scp > table
            echo x | q - > listed; mkdir s; cp data/0.wav s/y.wav; cd s; "$VQW2V" quantize --checkpoint ../\(model) . > ../dot
            """)
        #expect(result.code == 0, "\(result.errors)")
        let expected = try ids("expected")
        for name in ["named", "table", "listed", "dot"] { #expect(try ids(name) == expected, "\(name)") }
        // Lines that name no recording are told one by one, and the others are done.
        let odd = try shell("printf 'x\\n.\\n-\\n~\\ndata/\\n/\\n..\\n' | q - > odd")
        #expect(odd.code == 1)
        #expect(try ids("odd") == expected)
        for name in [".", "-", "~", "data", "/", ".."] {
            #expect(odd.errors.contains("error: \(name): "), "\(name): \(odd.errors)")
        }
        #expect(try shell("q ''").errors.contains("an argument is empty"))
    }

    /// The name `fa\347ade` in Latin-1, in a folder, named, listed and in tables.
    @Test func namesThatAreNotText() throws {
        let latin = [UInt8]("fa".utf8) + [0xE7] + Array("ade".utf8)
        let result = try shell(
            """
            name=$(printf 'fa\\347ade'); mkdir d t; cp data/0.wav "d/$name.wav"; cp data/1.wav "d/fa$(printf '\\350')ade.wav"
            q data/0.wav > expected; q "d/$name.wav" > named; echo "d/$name.wav" | q - > listed; q d > folder
            printf "$name d/$name.wav\\n" > wav.scp; q wav.scp > table
            printf "d\\n$name.wav\\t1500\\n" > list.tsv; q list.tsv > manifest
            q wav.scp --format gslm > gslm; q d --format npy --output npy; q wav.scp --format kaldi --output ark
            q "d/$name.wav" --output "t/$name.tsv"
            """)
        #expect(result.code == 0, "\(result.errors)")
        let expected = try ids("expected")
        for name in ["named", "listed", "table", "manifest"] {
            #expect(try ids(name) == expected)
            #expect(try lines(name)[0].name == Array("d/".utf8) + latin + Array(".wav".utf8), "\(name)")
        }
        #expect(try ids("folder").count == 2 && ids("folder")[0] == expected[0])
        #expect([UInt8](try place.bytes("gslm")).starts(with: latin + Array("|".utf8)))
        #expect([UInt8](try place.bytes("ark.scp")).starts(with: latin + Array(" ".utf8)))
        let arrays = try shell(
            "cmp npy/\"$(printf 'fa\\347ade')\".npy npy/\"$(printf 'fa\\347ade')\".npy && ls npy | wc -l")
        #expect(arrays.output.contains("2"), "\(arrays.errors)")
        for format in ["jsonl", "lhotse", "npz", "safetensors"] {
            let refused = try shell("q d --format \(format) --output text.\(format)")
            #expect(refused.code == 1 && !place.exists("text.\(format)"))
            #expect(
                refused.errors.contains(
                    "its name is not UTF-8, which the format \(format) cannot hold; use tsv"))
        }
        let trained = try place.program.shell(
            "\"$VQW2V\" train d \"d/$(printf 'fa\\347ade').wav\" --config tiny.yaml --output latin")
        #expect(trained.code == 0, "\(trained.errors)")
    }

    /// `é` as one character and as two: two recordings, for Swift equal strings.
    @Test func namesThatDifferInNormalization() throws {
        let (composed, decomposed) = ("\u{E9}lan", "e\u{301}lan")
        try FileManager.default.createDirectory(atPath: place.path + "/d", withIntermediateDirectories: false)
        try place.write([UInt8](place.bytes("data/0.wav")), to: "d/\(composed).wav")
        try place.write([UInt8](place.bytes("data/1.wav")), to: "d/\(decomposed).wav")
        try place.write("\(composed) data/0.wav\n\(decomposed) data/1.wav\n", to: "wav.scp")
        try place.write("s1 \(composed) 0 -1\ns2 \(decomposed) 0 -1\n", to: "segments")
        for format in ["tsv", "gslm", "jsonl", "lhotse", "npz", "safetensors", "kaldi", "npy"] {
            for (input, output) in [
                ("d", "a.\(format)"), ("d/\(composed).wav d/\(decomposed).wav", "b.\(format)"),
            ] {
                let result = try shell("q \(input) --format \(format) --output \(output)")
                #expect(result.code == 0, "\(format): \(result.errors)")
            }
        }
        #expect(try ids("a.tsv") == ids("b.tsv").reversed())
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path + "/a.npy").count == 2)
        let segments = try shell("q wav.scp > segments.tsv")
        #expect(segments.code == 0)
        #expect(try ids("segments.tsv") == ids("b.tsv"))
        // Outputs are told from inputs by their bytes too.
        #expect(try shell("q d/\(composed).wav --output d/\(decomposed).tsv").code == 0)
    }

    @Test func namesFollowFolders() throws {
        let made = try shell(
            "mkdir -p d/s1 d/s2; cp data/0.wav d/s1/a.wav; cp data/1.wav d/s2/a.wav; cp data/2.wav d/b.wav")
        #expect(made.code == 0)
        let refused = try shell("q d --format npy --output out")
        #expect(refused.code == 1 && refused.errors.contains("--names path") && !place.exists("out"))
        for command in ["quantize", "extract --layer z"] {
            let output = String(command.prefix(3))
            let line =
                "\"$VQW2V\" \(command) --checkpoint \(model) d --names path --format npy --output \(output)"
            let result = try place.program.shell(line)
            #expect(result.code == 0, "\(result.errors)")
            #expect(["b.npy", "s1/a.npy", "s2/a.npy"].allSatisfy { place.exists("\(output)/\($0)") })
            let again = try place.program.shell("rm \(output)/s2/a.npy; \(line) --skip-existing")
            #expect(again.code == 0 && again.errors.contains("2 of 3 recordings"), "\(again.errors)")
            #expect(place.exists("\(output)/s2/a.npy"))
        }
        let lines = try shell("q d --names path --format gslm")
        #expect(lines.outputLines.map { $0.prefix { $0 != "|" } } == ["b", "s1/a", "s2/a"])
        for format in ["npz", "safetensors", "kaldi", "lhotse", "jsonl"] {
            #expect(try shell("q d --names path --format \(format) --output out.\(format)").code == 0)
        }
        // No name leads out of the output.
        let outside = try shell(
            "mkdir in; cd in; q() { \"$VQW2V\" quantize --checkpoint ../\(model) \"$@\"; }; q ../d/b.wav --names path --format npy --output out"
        )
        #expect(outside.code == 1 && outside.errors.contains("is no name for a file"), "\(outside.errors)")
        #expect(!place.exists("d/b.npy") && !place.exists("in/out"))
    }

    @Test func whatAFolderHoldsBesides() throws {
        let made = try shell(
            """
            mkdir d; cp data/0.wav d/a.wav; ln -s ../.git/annex/objects/gone d/gone.wav; touch d/a.txt d/b.txt d/c.json
            cp data/0.wav d/b.WAVE
            """)
        #expect(made.code == 0)
        let result = try shell("q d")
        #expect(result.code == 1 && result.outputLines.count == 2)
        #expect(result.errors.contains("error: d/gone.wav: is a link to a file that is not there"))
        #expect(
            result.errors.contains("note: d: passed over, by their suffixes no recordings: 2 .txt, 1 .json\n")
        )
        let trained = try place.program.run("train", "d", "--config", "tiny.yaml", "--output", "other")
        #expect(
            trained.code == 1 && trained.errors.contains("d/gone.wav: is a link") && !place.exists("other"))
    }

    @Test func listsAreGivenTheRightWay() throws {
        let made = try shell(
            """
            printf '\\357\\273\\277data/0.wav\\n\\n \\r\\ndata/1.wav\\n\\n' > paths.txt; mkdir kaldi; echo 'a data/0.wav' > kaldi/wav.scp
            q data/0.wav data/1.wav > expected; q - < paths.txt > listed
            """)
        #expect(made.code == 0, "\(made.errors)")
        #expect(try place.bytes("listed") == place.bytes("expected"))
        let list = try shell("q paths.txt")
        #expect(list.code == 1 && list.output.isEmpty)
        #expect(
            list.errors.contains(
                "paths.txt: looks like a list of paths: give it on standard input, as in - < paths.txt"))
        let folder = try shell("q kaldi")
        #expect(folder.code == 1 && folder.errors.contains("to use it name kaldi/wav.scp"))
    }
}
