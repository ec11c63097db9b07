import Files
import Foundation
import TestSupport
import Testing

@Suite struct LineReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func lines(_ bytes: [UInt8]) throws -> [String] {
        var reader = LineReader(try InputFile(path: try folder.write(bytes, to: "text")))
        var lines: [String] = []
        while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(try reader.next() == nil)
        return lines
    }

    @Test(
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\n", ["a", ""]),
            ("\na\r\nb", ["", "a\r", "b"]),
        ] as [(String, [String])])
    func lines(text: String, expected: [String]) throws {
        #expect(try lines(Array(text.utf8)) == expected)
        // A byte order mark is no part of the first line, and stays in any other.
        let mark = "\u{FEFF}"
        if !expected.isEmpty { #expect(try lines(Array((mark + text).utf8)) == expected) }
        #expect(try lines(Array(("x\n" + mark + "y").utf8)) == ["x", mark + "y"])
    }

    /// Pieces end in the midst of lines, and lines are longer than pieces.
    @Test func manyPieces() throws {
        let expected =
            (0..<300).map { String(repeating: "\($0) ", count: 1 + $0 * $0 % 977 * 10) }
            + [String(repeating: "long", count: 200_000), "last"]
        #expect(try lines(Array(expected.joined(separator: "\n").utf8)) == expected)
    }

    @Test func aFileThatBecomesShorter() throws {
        let path = try folder.write([UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20), to: "text")
        var reader = LineReader(try InputFile(path: path))
        #expect(truncate(path, 1000) == 0)
        #expect(message { _ = try reader.next() }.contains("became shorter"))
    }
}
