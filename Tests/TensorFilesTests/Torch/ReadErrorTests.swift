import Files
import TensorFiles
import TestSupport
import Testing

/// A disk that fails, and a file that is cut short, while its description is read.
@Suite struct ReadErrorTests {
    /// Bytes of which one read fails.
    private final class FailingSource: ByteSource {
        let content: [UInt8]
        private var readsLeft: Int
        private(set) var reads = 0

        var count: Int { content.count }

        init(_ content: [UInt8], failingAt read: Int) { (self.content, readsLeft) = (content, read) }

        func bytes(_ range: Range<Int>) throws -> [UInt8] {
            reads += 1
            readsLeft -= 1
            if readsLeft == 0 { throw FileError("m.pt", "cannot be read", code: 5) }
            return Array(content[range])
        }
    }

    @Test(arguments: [true, false]) func everyReadCanFail(isZip: Bool) throws {
        let tensor = Pickled.tensor("FloatStorage", key: "0", count: 2, shape: [2], strides: [1])
        let storage = FakeStorage("0", floats: [1, 2])
        let content =
            isZip ? TorchFiles.zip(tensor.pickle, [storage]) : TorchFiles.legacy(tensor.pickle, [storage])
        func read(_ source: FailingSource) throws {
            _ = try isZip ? TorchStorages.zip(source) : TorchStorages.legacy(source)
        }
        let whole = FailingSource(content, failingAt: .max)
        try read(whole)
        #expect(whole.reads > 5)
        for failing in 1...whole.reads {
            let error = #expect(throws: FileError.self) {
                try read(FailingSource(content, failingAt: failing))
            }
            #expect(error == FileError("m.pt", "cannot be read", code: 5), "read \(failing)")
        }
    }

    /// A description that is longer than what is read of it at first.
    @Test func aLongPickle() throws {
        let long = Pickled.dictionary([("a", .text(String(repeating: "x", count: 3 << 20)))])
        let folder = try TemporaryFolder()
        for bytes in [TorchFiles.zip(long.pickle), TorchFiles.legacy(long.pickle)] {
            let file = try TorchFile(path: folder.write(bytes, to: "m.pt"))
            guard case .text(let text)? = file.document.value("a", in: file.document.root) else {
                Issue.record("no text")
                return
            }
            #expect(text.utf8.count == 3 << 20)
        }
    }
}
