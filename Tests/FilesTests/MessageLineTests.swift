import Files
import Testing

@Suite struct MessageLineTests {
    @Test func shortTextStays() {
        #expect(messageLine("error: a b/c.wav: no such file") == "error: a b/c.wav: no such file")
        #expect(messageLine(String(repeating: "é", count: 290)).count == 290)
    }

    @Test func longPathsKeepTheirNames() {
        let folder = "/data/" + String(repeating: "folder/", count: 100)
        let line = messageLine(
            "error: \(folder)a.wav and \(folder)b.wav would both be written as \"x\"; rename one")
        #expect(line.utf8.count <= 300 && line.unicodeScalars.count > 200)
        #expect(
            line.hasPrefix("error: /data/folder/")
                && line.hasSuffix("would both be written as \"x\"; rename one"))
        #expect(line.contains("folder/a.wav and /data/folder/") && line.contains("folder/b.wav would"))
    }

    @Test func manyWordsAreCutInTheMiddle() {
        let line = messageLine("error: first " + String(repeating: "word ", count: 200) + "last")
        #expect(line.hasPrefix("error: first word ") && line.hasSuffix(" word last"))
        #expect(line.contains("…") && line.unicodeScalars.count == 290)
    }

    @Test func controlCharactersAreWrittenOut() {
        #expect(messageLine("a\nb\r\tc\u{1B}[0m\u{2028}") == #"a\nb\r\tc\u{1B}[0m\u{2028}"#)
    }
}
