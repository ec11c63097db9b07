import Foundation
import Speech
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
                "\(folder.path)/empty: no recordings in this folder "
                    + "(aif, aifc, aiff, au, flac, mp3, oga, ogg, opus, rf64, wav)",
                "\(manifest):2: expected \"relative path<TAB>samples\", found \"x\"",
            ])
    }
}
