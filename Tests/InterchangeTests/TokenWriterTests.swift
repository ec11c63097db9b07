import Foundation
import Interchange
import Testing

@Suite struct TokenWriterTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let pairs = TokenizedUtterance(
        path: "b/x.wav", samples: 800, sampleRate: 16000, groups: 2, ids: [3, 17, 3, 17, 250, 4])
    private let singles = TokenizedUtterance(
        path: "a.flac", samples: 500, sampleRate: 16000, groups: 1, ids: [0, 2_147_483_647, 10, -1])
    private let empty = TokenizedUtterance(path: "e", samples: 9, sampleRate: 8000, groups: 2, ids: [])

    /// What a format makes of the three, with one input in between that could not be read.
    private func text(_ format: TokenFormat) throws -> String {
        let writer = try format.writer(
            paths: [pairs.path, "bad.wav", singles.path, empty.path], output: folder.file("out"))
        try writer.write(pairs)
        try writer.skip(path: "bad.wav")
        try writer.write(singles)
        try writer.write(empty)
        #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
        try writer.finish()
        #expect(try folder.names == ["out"])
        return try folder.text("out")
    }

    @Test func tsv() throws {
        #expect(try text(.tsv) == "b/x.wav\t3-17 3-17 250-4\na.flac\t0 2147483647 10 -1\ne\t\n")
    }

    /// Line n belongs to input n, whatever happened to the others.
    @Test func fairseq() throws {
        #expect(try text(.fairseq) == "3-17 3-17 250-4\n\n0 2147483647 10 -1\n\n")
    }

    @Test func jsonl() throws {
        let lines = [
            #"{"path":"b/x.wav","samples":800,"rate":16000,"frames":3,"ids":[[3,17],[3,17],[250,4]]}"#,
            #"{"path":"a.flac","samples":500,"rate":16000,"frames":4,"ids":[[0],[2147483647],[10],[-1]]}"#,
            #"{"path":"e","samples":9,"rate":8000,"frames":0,"ids":[]}"#,
        ]
        #expect(try text(.jsonl) == lines.map { $0 + "\n" }.joined())
    }

    @Test func jsonlHoldsAnyPath() throws {
        let path = "a\t\"b\"\\\n\u{1}\u{7f}é😀/c.wav"
        let writer = try TokenFormat.jsonl.writer(paths: [path], output: folder.file("out"))
        try writer.write(TokenizedUtterance(path: path, samples: 1, sampleRate: 1, groups: 1, ids: [5]))
        try writer.finish()
        let text = try folder.text("out")
        #expect(text.filter { $0 == "\n" }.count == 1)
        guard case .object(let object) = try JSONValue(parsing: text) else { throw TokenFormatError(text) }
        #expect(object["path"] == .string(path))
        #expect(object["ids"] == .array([.array([.integer(5)])]))
    }

    @Test(arguments: ["a\tb", "a\nb", "a\r\nb"]) func tsvRefusesPathsThatBreakIt(_ path: String) throws {
        let text = message {
            _ = try TokenFormat.tsv.writer(paths: ["good", path], output: folder.file("out"))
        }
        #expect(text.hasPrefix("\"a\\") && text.contains("use jsonl"))
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: TokenFormat.allCases) func anInputIsNeverOverwritten(_ format: TokenFormat) throws {
        let path = try folder.write([1], "a.wav")
        #expect(message { _ = try format.writer(paths: ["x", path], output: path) }.contains("is an input"))
    }

    @Test(arguments: [TokenFormat.tsv, .fairseq, .jsonl])
    func aMissingFolderIsNoticedBeforeAnyWork(_ format: TokenFormat) {
        let path = folder.file("no/out")
        #expect(
            message { _ = try format.writer(paths: [], output: path) }.hasPrefix("\(path) cannot be written"))
    }

    @Test func withoutFinishNoFileAppears() throws {
        do {
            let writer = try TokenFormat.tsv.writer(paths: [], output: folder.file("out"))
            try writer.write(pairs)
        }
        #expect(try folder.names.isEmpty)
    }

    @Test func npy() throws {
        let writer = try TokenFormat.npy.writer(
            paths: [pairs.path, "bad.wav", singles.path, "d/.x.y.z", ".hidden", "e"],
            output: folder.file("ids"))
        try writer.write(pairs)
        try writer.skip(path: "bad.wav")
        try writer.write(empty)
        try writer.write(TokenizedUtterance(path: "d/.x.y.z", samples: 1, sampleRate: 1, groups: 1, ids: [1]))
        try writer.write(TokenizedUtterance(path: ".hidden", samples: 1, sampleRate: 1, groups: 1, ids: [1]))
        try writer.finish()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("ids")).sorted()
        #expect(names == [".hidden.npy", ".x.y.npy", "e.npy", "x.npy"])
        try NumpyFile.write(folder.file("expected"), shape: [3, 2], elements: pairs.ids)
        #expect(try folder.read("ids/x.npy") == folder.read("expected"))
        #expect(try folder.text("ids/e.npy").contains("'shape': (0, 2)"))
    }

    @Test(arguments: [
        ("a/x.wav", "b/x.wav"), ("x.wav", "x.flac"), ("a.b/x", "x.wav"), ("x.wav", "x.wav"), ("/x", "x"),
    ])
    func npyRefusesNamesThatMeet(_ first: String, _ second: String) throws {
        let output = folder.file("ids")
        let text = message {
            _ = try TokenFormat.npy.writer(paths: ["y.wav", first, second], output: output)
        }
        #expect(text.hasPrefix("\(first) and \(second) would both be written to \(output)/x.npy"))
        #expect(try folder.names.isEmpty)
    }

    @Test func npyNeedsAFolder() throws {
        #expect(message { _ = try TokenFormat.npy.writer(paths: [], output: nil) }.contains("output folder"))
        let file = try folder.write([], "file")
        #expect(
            message { _ = try TokenFormat.npy.writer(paths: [], output: file) }.contains("is not a folder"))
        let missing = folder.file("a/b")
        #expect(
            message { _ = try TokenFormat.npy.writer(paths: [], output: missing) }.contains(
                "cannot be created"))
        let writer = try TokenFormat.npy.writer(paths: ["a"], output: folder.file("ids"))
        #expect(message { try writer.write(pairs) }.contains("not among the inputs"))
    }
}
