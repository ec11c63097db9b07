import Files
import Foundation
import TestSupport
import Testing
import TokenFiles

@Suite struct CodebookFolderTests {
    @Test func combinationsOfBothKindsOfLines() throws {
        let folder = try TemporaryFolder()
        let tsv = try folder.write("a b.wav\t1-0 2-11 1-0\nb.wav\t2-11 0-3\n", to: "ids.tsv")
        let src = try folder.write("1-0 2-11 1-0\r\n\n2-11 0-3", to: "ids.src")
        let expected: [[Int32]: Int] = [[1, 0]: 2, [2, 11]: 2, [0, 3]: 1]
        for path in [tsv, src] {
            #expect(try TokenCombinations(path: path, groups: 2, variables: 12).counts == expected)
        }
    }

    @Test(arguments: [
        ("1-2\n1-12\n", ":2: \"1-12\" is not 2 ids below 12"), ("a\t1\n", ":1: \"1\" is not 2 ids"),
        ("1-2-3", "not 2 ids"), ("1-", "not 2 ids"), ("-1-2", "not 2 ids"), ("1--2", "not 2 ids"),
        ("1-x", "not 2 ids"), ("1-99999999999999999999999", "not 2 ids"), ("a\tb\t1-2", "more than one tab"),
        ("", "holds no tokens"), ("\n\n", "holds no tokens"),
    ])
    func linesThatAreNot(_ text: String, _ problem: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array(text.utf8), to: "ids")
        let text = message { _ = try TokenCombinations(path: path, groups: 2, variables: 12) }
        #expect(text.hasPrefix(path) && text.contains(problem), "\(text)")
    }

    @Test func files() throws {
        let folder = try TemporaryFolder()
        let ids = try folder.write("1-0 0-1 1-0 0-0 0-1 1-1", to: "ids")
        let codebook = try CodebookFolder(path: folder.file("book"), inputs: [ids])
        try codebook.write(
            shape: [2, 2, 1], codewords: [1, 2, 3, 4],
            combinations: TokenCombinations(path: ids, groups: 2, variables: 2),
            provenance: provenance(folder))
        #expect(try folder.text("book/combinations.tsv") == "0-1\t2\n1-0\t2\n0-0\t1\n1-1\t1\n")
        let npy = try folder.read("book/codebook.npy")
        #expect(npy.count == 128 + 16)
        #expect(
            String(decoding: npy[10..<128], as: UTF8.self).contains(
                "'<f4', 'fortran_order': False, 'shape': (2, 2, 1)"))
        #expect(Array(npy.suffix(16)) == [Float(1), 2, 3, 4].withUnsafeBytes { Array($0) })
        let json = try JSONSerialization.jsonObject(with: Data(folder.read("book/codebook.json")))
        let about = try #require(json as? [String: Any])
        #expect(about["program"] as? String == "t" && about["shape"] as? [Int] == [2, 2, 1])
        #expect((about["configuration"] as? [String: Any])?["a"] as? Int == 1)
        #expect((about["checkpoint_sha256"] as? String)?.count == 64)
        // What such a folder holds may be replaced, and nothing else.
        _ = try CodebookFolder(path: folder.file("book"), inputs: [ids])
    }

    private func provenance(_ folder: TemporaryFolder) throws -> Provenance {
        let checkpoint = try folder.write([1], to: "checkpoint")
        return Provenance(
            program: "t", checkpoint: try FileHash(path: checkpoint), configuration: #"{"a":1}"#)
    }

    @Test(arguments: ["codebook.npy", "codebook.json", "combinations.tsv"])
    func filesOfAnotherOriginAreKept(_ name: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("{}", to: name)
        let text = message { _ = try CodebookFolder(path: folder.path, inputs: []) }
        #expect(text.hasPrefix("\(file) is there already"))
        #expect(try folder.read(name) == Array("{}".utf8))
    }

    @Test func foldersThatCannotBe() throws {
        let folder = try TemporaryFolder()
        let ids = try folder.write([], to: "combinations.tsv")
        #expect(message { _ = try CodebookFolder(path: ids, inputs: []) }.contains("is not a folder"))
        #expect(
            message { _ = try CodebookFolder(path: folder.path, inputs: [ids]) }.contains("is an input"))
        _ = try CodebookFolder(path: folder.file("x/y"), inputs: [])
        #expect(try folder.names.contains("x"))
    }
}
