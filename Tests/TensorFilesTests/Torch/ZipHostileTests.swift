import Foundation
import TensorFiles
import TestSupport
import Testing

/// Archives that lie.
@Suite struct ZipHostileTests {
    let folder: TemporaryFolder
    private let object = Pickled.dictionary([("a", .integer(1))]).pickle

    init() throws { folder = try TemporaryFolder() }

    /// The error of the archive; "no error" where it is read.
    private func refusal(_ change: (inout FakeZip) -> Void) throws -> String {
        var zip = FakeZip()
        zip.add("archive/data.pkl", object)
        zip.add("archive/byteorder", Array("little".utf8))
        change(&zip)
        let path = try folder.write(zip.bytes, to: "hostile")
        let text = message { _ = try TorchFile(path: path) }
        #expect(text == "no error" || text.hasPrefix(path + " is ") && !text.contains("\n"), "\(text)")
        return text
    }

    @Test func aPlainArchiveIsRead() throws {
        #expect(try refusal { _ in } == "no error")
        #expect(try refusal { $0.comment = Array("a comment".utf8) } == "no error")
    }

    @Test func bombs() throws {
        // Two bytes of deflate that would become a great deal.
        let deflated = try refusal {
            $0.entries[0].method = 8
            $0.entries[0].size = 4_000_000_000
        }
        #expect(deflated.contains("compressed, which torch.save and numpy.savez never do"), "\(deflated)")
        #expect(try refusal { $0.entries[0].size = 4_000_000_000 }.contains("instead of 4000000000"))
        #expect(try refusal { $0.entries[0].compressedSize = 4_000_000_000 }.contains("outside the file"))
        #expect(try refusal { $0.entries[1].compressedSize = 7 }.contains("outside the file"))
        #expect(try refusal { $0.entries[0].compressedSize = 0 }.contains("has 0 bytes"))
        #expect(try refusal { $0.entries[0].method = 99 }.contains("compressed"))
        #expect(try refusal { $0.entries[0].flags = 1 }.contains("encrypted"))
    }

    @Test func overlaps() throws {
        // The same data under two names, and an entry in the data of another.
        let same = try refusal {
            $0.entries[1].offset = 0
            $0.entries[1].localName = "archive/data.pkl"
        }
        #expect(same.contains("another name where its data lie"), "\(same)")
        #expect(try refusal { $0.entries[0].compressedSize = UInt32(object.count) + 1 }.contains("overlap"))
        let inner = [UInt8]([0x50, 0x4B, 3, 4]) + [UInt8](repeating: 0, count: 22) + little(UInt16(3))
        let nested = try refusal {
            $0.entries[0].data = object + inner + little(UInt16(0)) + Array("a/b".utf8)
            $0.add("a/b", [])
            $0.entries[2].offset = UInt32(30 + "archive/data.pkl".utf8.count + object.count)
        }
        #expect(nested.contains("overlap"), "\(nested)")
        #expect(try refusal { $0.add("archive/data.pkl", object) }.contains("two entries"))
        // Equal to Unicode, not to any reader of archives.
        var zip = FakeZip()
        zip.add("archive/data.pkl", object)
        zip.add("archive/caf\u{E9}", [1])
        zip.add("archive/cafe\u{301}", [2])
        #expect(try ZipReader(zip.bytes).names.count == 3)
    }

    @Test func aDirectoryThatLies() throws {
        for count: UInt16 in [0, 1, 3, 65535] {
            #expect(try refusal { $0.count = count }.contains("damaged"), "\(count)")
        }
        for offset: UInt32 in [0, 1, 1000, .max] {
            #expect(try refusal { $0.directoryOffset = offset }.contains("damaged"), "\(offset)")
        }
        for size: UInt32 in [0, 1, 46, 1000, .max] {
            #expect(try refusal { $0.directorySize = size }.contains("damaged"), "\(size)")
        }
        for offset: UInt32 in [1, 500, 1_000_000, .max] {
            #expect(try refusal { $0.entries[1].offset = offset }.contains("damaged"), "\(offset)")
        }
        #expect(try refusal { $0.entries[0].localName = "archive/other.pk" }.contains("another name"))
        #expect(try refusal { $0.entries[0].extra = [1, 0, 255, 255] }.contains("are left"))
    }

    @Test func sixtyFourBits() throws {
        func wide(_ numbers: UInt64...) -> [UInt8] {
            little(UInt16(1)) + little(UInt16(8 * numbers.count)) + numbers.flatMap { little($0) }
        }
        let size = UInt64(object.count)
        #expect(
            try refusal {
                ($0.entries[0].size, $0.entries[0].compressedSize, $0.entries[0].offset) = (.max, .max, .max)
                $0.entries[0].extra = wide(size, size, 0)
            } == "no error")
        for (size, offset) in [(UInt64.max, UInt64(0)), (1 << 63, 0), (size, .max), (size, 1 << 62)] {
            let text = try refusal {
                ($0.entries[0].compressedSize, $0.entries[0].offset) = (.max, .max)
                $0.entries[0].extra = wide(size, offset)
            }
            #expect(text.contains("damaged") || text.contains("truncated"), "\(text)")
        }
        #expect(try refusal { $0.entries[0].size = .max }.contains("size of an entry is missing"))
        for (record, count) in [(UInt64.max, UInt64(2)), (0, 2), (5, 2)] {
            let text = try refusal { zip in
                zip.before64 = { start, size in
                    end64(count: count, size: UInt64(size), start: UInt64(start), record: record)
                }
            }
            #expect(text.contains("not where it says"), "\(text)")
        }
        for (count, expected) in [(UInt64(2), "no error"), (.max, "not where"), (1, "more than entries")] {
            let text = try refusal { zip in
                zip.before64 = { start, size in
                    end64(
                        count: count, size: UInt64(size), start: UInt64(start), record: UInt64(start + size))
                }
            }
            #expect(text.contains(expected), "\(text)")
        }
    }

    private func end64(count: UInt64, size: UInt64, start: UInt64, record: UInt64) -> [UInt8] {
        var bytes: [UInt8] = [0x50, 0x4B, 6, 6] + little(UInt64(44)) + little(UInt32(0)) + little(UInt64(0))
        bytes += little(count) + little(count) + little(size) + little(start)
        return bytes + [0x50, 0x4B, 6, 7] + little(UInt32(0)) + little(record) + little(UInt32(1))
    }

    @Test func notOfTorch() throws {
        #expect(try refusal { $0.entries.remove(at: 0) }.contains("none of torch.save"))
        #expect(try refusal { $0.add("other/data.pkl", object) }.contains("none of torch.save"))
        #expect(try refusal { $0.add("archive/constants.pkl", []) }.contains("TorchScript"))
        #expect(
            try refusal { $0.entries[1].data = Array("middle".utf8) }.contains("byte order is \"middle\""))
        #expect(try refusal { $0.entries[0].data += [0] }.contains("ends before its entry does"))
        #expect(try refusal { $0.entries[0].data.removeLast() }.contains("truncated or damaged"))
        var tar = [UInt8](repeating: 0, count: 512)
        tar.replaceSubrange(257..<262, with: Array("ustar".utf8))
        let path = try folder.write(tar, to: "old.pt")
        #expect(TorchFile.isTorchFile(path))
        #expect(message { _ = try TorchFile(path: path) }.contains("is a tar archive"))
    }

    /// Each byte of the headers set to each of some values: read or refused.
    @Test func changedBytes() throws {
        let whole = TorchFiles.zip(object, [FakeStorage("0", floats: [1, 2])])
        var read = 0
        for position in whole.indices {
            for value: UInt8 in [0, 1, 0x7F, 0xFF, whole[position] ^ 0x10] {
                var bytes = whole
                bytes[position] = value
                let path = try folder.write(bytes, to: "hostile")
                let text = message { _ = try TorchFile(path: path) }
                #expect(text == "no error" || text.hasPrefix(path), "\(text)")
                if text == "no error" { read += 1 }
            }
        }
        #expect(read > whole.count && read < 4 * whole.count)
    }
}
