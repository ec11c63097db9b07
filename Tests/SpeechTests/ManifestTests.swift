import Foundation
import Speech
import TestSupport
import Testing

@Suite struct ManifestTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func readsRootAndEntries() throws {
        let path = try folder.write("/data/speech\na.wav\t100\nsub/b c.flac\t2000\n\n", to: "m.tsv")
        let manifest = try Manifest.read(path)
        #expect(manifest.entries.map(\.path) == ["/data/speech/a.wav", "/data/speech/sub/b c.flac"])
        #expect(manifest.entries.map(\.samples) == [100, 2000])
    }

    @Test func windowsLineEnds() throws {
        let path = try folder.write("/data/\r\na.wav\t5\r\nb.wav\t6", to: "m.tsv")
        #expect(try Manifest.read(path).entries.map(\.path) == ["/data/a.wav", "/data/b.wav"])
    }

    /// Names that only look like it stay.
    @Test func pathsDoNotLeaveTheRoot() throws {
        for listed in ["/other/a.wav", "../a.wav", "b/../../a.wav", ".."] {
            let path = try folder.write("/data\nx.wav\t1\n\(listed)\t5\n", to: "m.tsv")
            #expect(
                message { try Manifest.read(path) }
                    == "\(path):3: \(listed) may lead out of the folder in the first line: "
                    + "write one there that holds all (/ does), and no .. here")
        }
        let path = try folder.write("/\n..a/b.wav\t5\ndata/..wav\t6\n", to: "m.tsv")
        #expect(try Manifest.read(path).entries.map(\.path) == ["/..a/b.wav", "/data/..wav"])
    }

    @Test func relativeRootMayLieBesideTheManifest() throws {
        _ = try folder.write("", to: "lists/audio/a.wav")
        let path = try folder.write("audio\na.wav\t100\n", to: "lists/m.tsv")
        #expect(try Manifest.read(path).entries.map(\.path) == ["\(folder.path)/lists/audio/a.wav"])
    }

    /// As in fairseq: the current directory comes first. (The package's own `Sources` is there in tests.)
    @Test func relativeRootIsRelativeToTheCurrentDirectory() throws {
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: ".").first { entry in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: entry, isDirectory: &isFolder)
                    && isFolder.boolValue
            })
        _ = try folder.write("", to: "\(name)/a.wav")
        let path = try folder.write("\(name)\na.wav\t100\n", to: "m.tsv")
        #expect(try Manifest.read(path).entries.map(\.path) == ["\(name)/a.wav"])
    }

    @Test(arguments: [
        ("/d\na.wav\t1\nb.wav 2\n", ":3: expected \"relative path<TAB>samples\", found \"b.wav 2\""),
        ("/d\na.wav\tmany\n", ":2: expected \"relative path<TAB>samples\", found \"a.wav\tmany\""),
        ("/d\na.wav\t0\n", ":2: expected \"relative path<TAB>samples\", found \"a.wav\t0\""),
        ("/d\na.wav\t-5\n", ":2: expected \"relative path<TAB>samples\", found \"a.wav\t-5\""),
        (
            "/d\na.wav\t99999999999999999999\n",
            ":2: expected \"relative path<TAB>samples\", found \"a.wav\t99999999999999999999\""
        ),
        ("/d\na.wav\t1\t2\n", ":2: expected \"relative path<TAB>samples\", found \"a.wav\t1\t2\""),
        ("/d\n\t12\n", ":2: expected \"relative path<TAB>samples\", found \"\t12\""),
        ("a.wav\t100\n", ":1: expected the folder of the recordings, found \"a.wav\t100\""),
        ("", ": lists no recordings"), ("\n \n", ": lists no recordings"),
        ("/d\n", ": lists no recordings"),
        (
            "no/such\na.wav\t1\n",
            ":1: no folder \"no/such\", neither here nor beside the manifest: correct the line"
        ),
    ])
    func malformed(text: String, expected: String) throws {
        let path = try folder.write(text, to: "m.tsv")
        #expect(message { try Manifest.read(path) } == path + expected)
    }

    @Test func markAndEmptyLines() throws {
        let path = try folder.write("\u{FEFF}/d\n\na.wav\t1\n \r\nb.wav\t2\n", to: "m.tsv")
        #expect(try Manifest.read(path).entries.map(\.path) == ["/d/a.wav", "/d/b.wav"])
    }

    @Test func namesAreBytes() throws {
        let path = try folder.write(Array("/d\nfa".utf8) + [0xE7, 0x09, 0x35, 0x0A], to: "m.tsv")
        let entry = try #require(try Manifest.read(path).entries.first)
        #expect(entry.path.bytes == Array("/d/fa".utf8) + [0xE7])
        #expect(entry.samples == 5)
    }

    @Test func notText() throws {
        let path = try folder.write([0x52, 0x00, 0xFE, 0x00], to: "m.tsv")
        #expect(
            message { try Manifest.read(path) }
                == "\(path):1: contains a zero byte: save it as text, one entry on each line")
    }

    @Test func missing() {
        #expect(
            message { try Manifest.read("/no/such.tsv") }
                == "/no/such.tsv: cannot be read: No such file or directory")
    }
}
