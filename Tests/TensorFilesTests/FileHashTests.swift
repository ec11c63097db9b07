import Files
import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct FileHashTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// FIPS 180-2, appendices B.1 and B.3: one block, and a million times `a`, more than one piece of reading.
    @Test(arguments: [
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ])
    func publishedValues(text: String, times: Int, hash: String) throws {
        let path = try folder.write(Array(String(repeating: text, count: times).utf8), to: "file")
        let file = try FileHash(path: path)
        #expect(try file.value() == hash)
        #expect(try file.value() == hash)
    }

    /// What was opened is what is hashed, whatever takes its name meanwhile.
    @Test func aFileThatIsReplaced() throws {
        let path = folder.file("file")
        let tensor = SafetensorsTensor(name: "a", shape: [3], floats: [1, 2, 3])
        try SafetensorsWriter.write(path, tensors: [tensor], metadata: [:])
        let before = try FileHash(path: path).value()
        let file = try SafetensorsFile(path: path)
        try SafetensorsWriter.write(path, tensors: [], metadata: [:])
        #expect(try file.hash().value() == before)
        #expect(try file.floats("a") == [1, 2, 3])
        #expect(try FileHash(path: path).value() != before)
    }

    @Test func aFileThatCannotBeRead() throws {
        let missing = folder.file("missing")
        #expect(
            message { _ = try FileHash(path: missing) }.hasPrefix("\(missing) cannot be read: No such file"))
        #expect(message { _ = try FileHash(path: folder.path) }.contains("cannot be read"))
    }

    /// The end of what is left is not the end of what was opened.
    @Test func aFileThatBecomesShorter() throws {
        let path = try folder.write([UInt8](repeating: 7, count: 3 << 20), to: "file")
        let file = try InputFile(path: path)
        #expect(truncate(path, 1 << 20) == 0)
        #expect(message { _ = try FileHash(of: file).value() }.contains("became shorter"))
        #expect(
            message { _ = try file.bytes((1 << 20) - 1..<(1 << 20) + 1) }.hasPrefix("\(path) cannot be read"))
        #expect(try file.bytes(5..<9) == [7, 7, 7, 7])
    }
}
