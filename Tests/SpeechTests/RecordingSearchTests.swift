import Files
import Foundation
import Speech
import SystemPackage
import TestSupport
import Testing

@Suite struct RecordingSearchTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Paths below the temporary folder.
    func found(_ search: RecordingSearch) -> [String] {
        search.recordings.map { String($0.path.dropFirst(folder.path.count + 1)) }
    }

    @Test func foldersAreSearchedInOrder() throws {
        for name in [
            "d/b.wav", "d/a/z.FLAC", "d/a/y.ogg", "d/B.mp3", "d/c.txt", "d/.x.wav", "d/.y/z.wav", "d/lab",
        ] {
            _ = try folder.write("", to: name)
        }
        let search = RecordingSearch(["\(folder.path)/d"])
        #expect(found(search) == ["d/B.mp3", "d/a/y.ogg", "d/a/z.FLAC", "d/b.wav"])
        #expect(search.problems.isEmpty)
    }

    @Test func argumentsKeepTheirOrder() throws {
        _ = try folder.write("", to: "z.wav")
        _ = try folder.write("", to: "d/a.wav")
        let manifest = try folder.write("\(folder.path)\nm.wav\t7\n", to: "m.tsv")
        let search = RecordingSearch(["\(folder.path)/z.wav", manifest, "\(folder.path)/d/"])
        #expect(found(search) == ["z.wav", "m.wav", "d/a.wav"])
        #expect(search.recordings.map(\.listedSamples) == [nil, 7, nil])
    }

    /// Explicit files are taken as they are, whatever their name.
    @Test func suffixesMatterOnlyInFolders() throws {
        let path = try folder.write("", to: "speech.bin")
        #expect(RecordingSearch([path]).recordings.map(\.path) == [path])
    }

    @Test func duplicatesAreKeptOnce() throws {
        for name in ["d/a.wav", "d/e/b.wav"] { _ = try folder.write("", to: name) }
        let link = "\(folder.path)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(folder.path)/d")
        let search = RecordingSearch([
            "\(folder.path)/d/e/b.wav", "\(folder.path)/d", "\(folder.path)/d/./e/../a.wav", link,
        ])
        #expect(found(search) == ["d/e/b.wav", "d/a.wav"])
        #expect(search.problems.isEmpty)
    }

    @Test func allLinesOfAManifestAreKept() throws {
        _ = try folder.write("", to: "d/a.wav")
        let manifest = try folder.write("\(folder.path)/d\na.wav\t7\na.wav\t7\n", to: "m.tsv")
        let search = RecordingSearch([manifest, "\(folder.path)/d"])
        #expect(found(search) == ["d/a.wav", "d/a.wav"])
    }

    @Test(.timeLimit(.minutes(1))) func linksInACircleEnd() throws {
        _ = try folder.write("", to: "d/e/a.wav")
        for name in ["up", "again", "more"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder.path)/d/e/\(name)", withDestinationPath: "\(folder.path)/d")
        }
        #expect(found(RecordingSearch(["\(folder.path)/d"])) == ["d/e/a.wav"])
    }

    /// Every folder with a link to every other one: paths without a folder twice are 12! · e in number.
    @Test(.timeLimit(.minutes(1))) func foldersWithLinksToEachOtherAreSearchedOnce() throws {
        let names = (0..<12).map { "d/f\($0)" }
        for name in names { _ = try folder.write("", to: "\(name)/a.wav") }
        for name in names {
            for other in names where other != name {
                try link("\(name)/to-\(other.dropFirst(2))", to: "\(folder.path)/\(other)")
            }
        }
        let search = RecordingSearch(["\(folder.path)/d"])
        #expect(search.recordings.count == 12 && search.problems.isEmpty)
        // A folder inside a circle that is named after it.
        let again = RecordingSearch(["\(folder.path)/d/f3", "\(folder.path)/d/f4", "\(folder.path)/d"])
        #expect(again.recordings.count == 12 && again.problems.isEmpty)
    }

    func link(_ name: String, to target: String) throws {
        let url = folder.url.appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: url.path, withDestinationPath: target)
    }

    @Test func namesAreBytes() throws {
        let names: [[UInt8]] = [
            Array("e\u{301}.wav".utf8), [0xE7, 0x2E, 0x77, 0x61, 0x76], Array("\u{E9}.wav".utf8),
        ]
        for name in names {
            let path = FilePath("\(folder.path)/d").appending(ByteString(name))
            try FileManager.default.createDirectory(
                atPath: folder.file("d"), withIntermediateDirectories: true)
            try FileDescriptor.open(path, .writeOnly, options: .create, permissions: .ownerReadWrite).close()
        }
        let sorted = names.sorted { $0.lexicographicallyPrecedes($1) }
        for arguments in [["\(folder.path)/d"], ["\(folder.path)/d/", "\(folder.path)/d"]] {
            let found = RecordingSearch(arguments).recordings
            #expect(
                found.map { $0.source.path.lastComponent.map { FilePath(root: nil, components: $0).bytes } }
                    == sorted)
            #expect(found.map(\.name.bytes) == sorted.map { $0.dropLast(4) })
        }
        // Named one by one and twice.
        let paths = names.map { FilePath("\(folder.path)/d").appending(ByteString($0)) }
        #expect(RecordingSearch(paths + paths).recordings.map(\.source.path) == paths)
    }

    @Test(arguments: ["x", ".", "-x", "~", "a/", "/", "..", "", "é", "x/y", "./x"])
    func shortPaths(path: String) throws {
        // Whatever is there, nothing traps.
        for naming in RecordingNaming.allCases {
            _ = Recording(path: FilePath(path), naming: naming)
        }
        let table = try folder.write("k \(path.isEmpty ? "k" : path)\n", to: "t.scp")
        #expect(RecordingSearch([table, table]).recordings.count == 2)
    }

    @Test func linksToNothingAreTold() throws {
        for name in ["d/a.wav", "d/b.txt"] { _ = try folder.write("", to: name) }
        for name in ["d/gone.wav", "d/notes.html"] { try link(name, to: "nowhere/\(name)") }
        let one = RecordingSearch(["\(folder.path)/d"])
        #expect(found(one) == ["d/a.wav"])
        let line = "is a link to a file that is not there"
        #expect(
            one.problems.map(\.description) == [
                "\(folder.path)/d/gone.wav: \(line): fetch it, or leave it out"
            ])
        #expect(
            one.notes == ["\(folder.path)/d: passed over, by their suffixes no recordings: 1 .html, 1 .txt"])
        try link("d/e/self.ogg", to: "self.ogg")
        try link("d/speaker", to: "/not/mounted/speaker")
        #expect(
            RecordingSearch(["\(folder.path)/d"]).problems.map(\.description) == [
                "\(folder.path)/d/e/self.ogg: \(line), as are 2 more in \(folder.path)/d: fetch them, or leave them out"
            ])
        #expect(
            RecordingSearch(["\(folder.path)/d/gone.wav"]).problems.map(\.description) == [
                "\(folder.path)/d/gone.wav: \(line): fetch it, or leave it out"
            ])
    }

    @Test func whatIsPassedOverIsTold() throws {
        let taken = [
            "a.WAVE", "b.sph", "c.w64", "d.snd", "e.caf", "f.m4a", "g.webm", "h.mkv", "i.nist", "j.voc",
        ]
        let others = [
            "k.txt", "l.txt", "m.json", "n.csv", "o.lab", "p.trn", "q.xyz", "noise", "r.é", ".hidden",
        ]
        for name in taken + others { _ = try folder.write("", to: "d/\(name)") }
        let search = RecordingSearch(["\(folder.path)/d"])
        #expect(found(search) == taken.map { "d/\($0)" })
        #expect(
            search.notes == [
                "\(folder.path)/d: passed over, by their suffixes no recordings: "
                    + "2 .txt, 1 .csv, 1 .json, 1 .lab, 1 .trn, 3 others"
            ])
        #expect(search.problems.isEmpty)
    }

    @Test func namesFollowFoldersWhenAsked() throws {
        for name in ["d/s1/a.wav", "d/s2/a.wav", "d/b.c.wav"] { _ = try folder.write("", to: name) }
        let manifest = try folder.write("\(folder.path)/d\ns1/a.wav\t7\n./s2//a.wav\t7\n", to: "m.tsv")
        let table = try folder.write("key/1 \(folder.path)/d/b.c.wav\n", to: "t.scp")
        func names(_ arguments: [String], _ naming: RecordingNaming) -> [String] {
            RecordingSearch(arguments, naming: naming).recordings.map(\.name.description)
        }
        let all = ["\(folder.path)/d", manifest, table]
        #expect(names(all, .path) == ["b.c", "s1/a", "s2/a", "s1/a", "s2/a", "key/1"])
        #expect(names(all, .file) == ["b.c", "a", "a", "a", "a", "key/1"])
        // A file that is itself named has the path that it is named by, below the root.
        #expect(names(["\(folder.path)/d/s1/a.wav"], .path) == ["\(folder.path.dropFirst())/d/s1/a"])
        #expect(Recording(path: "../x/./y/a.wav", naming: .path).name == "../x/y/a")
    }

    @Test func listsThatAreNamedAsRecordings() throws {
        _ = try folder.write("", to: "d/wav.scp")
        _ = try folder.write("", to: "d/text")
        let sound = try folder.write("", to: "e/sound")
        let cases = [
            ("paths.txt", "\u{FEFF}\n/x/a.wav\n/x/b.wav\n", "give it on standard input, as in - < "),
            ("plain", "\(sound)\n", "give it on standard input, as in - < "),
            ("wav_train", "a /x/a.flac\n", "give it a name that ends in .scp"),
            ("ark.list", "a /x/w.ark:1234\n", "give it a name that ends in .scp"),
            ("commands.txt", "a sph2pipe -f wav x |\n", "give it a name that ends in .scp"),
            ("train.manifest", "\(folder.path)/e\nsound\t16000\n", "give it a name that ends in .tsv"),
            ("w.ark", "a RIFF", "name the table that says where its recordings begin (.scp)"),
        ]
        for (name, text, way) in cases {
            let path = try folder.write(text, to: name)
            let search = RecordingSearch([path])
            #expect(search.recordings.isEmpty)
            #expect(
                search.problems.count == 1 && search.problems[0].description.contains(way),
                "\(search.problems)")
            #expect(search.problems.allSatisfy { $0.description.hasPrefix("\(path): ") })
        }
        #expect(
            RecordingSearch(["\(folder.path)/d"]).problems.map(\.description) == [
                "\(folder.path)/d: no recordings in this folder, but a list: to use it name \(folder.path)/d/wav.scp"
            ])
        // What is none is left to the decoder.
        for text in ["hello world\n", "RIFF\0\0", ""] {
            #expect(RecordingSearch([try folder.write(text, to: "notes")]).problems.isEmpty)
        }
    }

    @Test func everyProblemIsToldAndTheOthersAreFound() throws {
        let none = "\(folder.path)/none"
        _ = try folder.write("", to: "empty/notes.txt")
        _ = try folder.write("", to: "d/a.wav")
        let manifest = try folder.write("/d\nx\n", to: "m.tsv")
        let search = RecordingSearch([none, "\(folder.path)/empty", manifest, "\(folder.path)/d"])
        #expect(found(search) == ["d/a.wav"])
        #expect(
            search.problems.map(\.description) == [
                "\(none): no such file or folder",
                "\(folder.path)/empty: no recordings in this folder; its files: 1 .txt",
                "\(manifest):2: expected \"relative path<TAB>samples\", found \"x\"",
            ])
    }
}
