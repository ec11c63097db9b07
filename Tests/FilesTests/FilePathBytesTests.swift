import Files
import SystemPackage
import Testing

@Suite struct FilePathBytesTests {
    @Test(arguments: [
        ("a/b.c.wav", "b.c", "a/b.c"), ("a.wav", "a", "a"), ("a", "a", "a"), ("", "", ""),
        (".wav", ".wav", ".wav"),
        ("..wav", "..wav", "..wav"), ("..a.b", "..a", "..a"), ("a.", "a", "a"), (".", ".", "."),
        ("..", "..", ".."),
        ("/", "", "/"), ("/x", "x", "/x"), ("a.b/c", "c", "a.b/c"), ("a.b/.c", ".c", "a.b/.c"),
        ("x.y/", "x", "x"),
        ("a//b.wav", "b", "a/b"),
    ])
    func withoutExtensions(path: String, name: String, rest: String) {
        #expect(FilePath(path).nameWithoutExtension == ByteString(name))
        #expect(FilePath(path).withoutExtension == FilePath(rest))
    }

    @Test func bytesStayWhatTheyAre() {
        let bytes: [UInt8] = Array(1...46) + Array(48...255)
        #expect(FilePath(bytes).bytes == bytes)
        #expect(FilePath(ByteString(bytes)) == FilePath(bytes) && ByteString(FilePath(bytes)).bytes == bytes)
        #expect(FilePath("a").appending(ByteString(bytes)).bytes == [0x61, 0x2F] + bytes)
        #expect(
            FilePath().appending(ByteString("b")) == "b" && FilePath("/").appending(ByteString("b")) == "/b")
        // No path can hold a zero byte.
        #expect(FilePath([0x61, 0, 0x62]) == "a" && FilePath([UInt8]()).isEmpty)
    }

    @Test func namesAreEqualByTheirBytes() {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        #expect(composed == decomposed)
        #expect(ByteString(composed) != ByteString(decomposed))
        #expect(Set([ByteString(composed), ByteString(decomposed)]).count == 2)
        #expect(
            [ByteString(composed), ByteString(decomposed), "f"].sorted().map(\.bytes.first) == [
                0x65, 0x66, 0xC3,
            ])
        #expect(ByteString([0xE7]).text == nil && ByteString([0xE7]).description == "\u{FFFD}")
    }
}
