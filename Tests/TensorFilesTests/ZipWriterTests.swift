import Files
import Foundation
import TensorFiles
import TestSupport
import Testing

/// The bytes of archives, read back with nothing but the field offsets of PKWARE's APPNOTE.TXT.
@Suite struct ZipWriterTests {
    private let contents: [(name: String, bytes: [UInt8])] = [
        ("archive/data.pkl", Array("123456789".utf8)), ("ä", []), ("b", (0..<1000).map { UInt8($0 % 251) }),
    ]

    private func archive(_ contents: [(name: String, bytes: [UInt8])], zip64Above: UInt64) throws -> [UInt8] {
        let output = Collected()
        let writer = ZipWriter(output, path: "a.zip", zip64Above: zip64Above)
        for (name, bytes) in contents { try writer.add(name, bytes) }
        #expect(!output.isCommitted)
        try writer.commit()
        #expect(output.isCommitted)
        return output.bytes
    }

    @Test func entriesComeBackFromTheDirectory() throws {
        let zip = try archive(contents, zip64Above: 0xFFFF_FFFE)
        // The end: no disks, three entries, no comment, and nothing behind it.
        let end = zip.count - 22
        #expect(zip.number(end, 4) == 0x0605_4B50 && zip.number(end + 4, 4) == 0)
        #expect(zip.number(end + 8, 2) == 3 && zip.number(end + 10, 2) == 3 && zip.number(end + 20, 2) == 0)
        var place = zip.number(end + 16, 4)
        #expect(place + zip.number(end + 12, 4) == end)
        var next = 0
        for (name, bytes) in contents {
            #expect(zip.number(place, 4) == 0x0201_4B50)
            let local = zip.number(place + 42, 4)
            #expect(local == next && zip.number(local, 4) == 0x0403_4B50)
            // UTF-8, stored, 1 January 1980: the same in both headers, up to the length of the name.
            #expect(zip.number(place + 8, 4) == 0x800)
            #expect(zip.number(place + 12, 4) == 0x21_0000)
            #expect(zip[local + 4..<local + 28] == zip[place + 6..<place + 30])
            #expect(zip.number(place + 20, 4) == bytes.count && zip.number(place + 24, 4) == bytes.count)
            let nameLength = zip.number(place + 28, 2)
            #expect(Array(zip[place + 46..<place + 46 + nameLength]) == Array(name.utf8))
            #expect(Array(zip[local + 30..<local + 30 + nameLength]) == Array(name.utf8))
            #expect(zip.number(place + 30, 2) == 0)
            let data = local + 30 + nameLength + zip.number(local + 28, 2)
            #expect(data % 64 == 0)
            #expect(Array(zip[data..<data + bytes.count]) == bytes)
            next = data + bytes.count
            place += 46 + nameLength
        }
        // The check value that CRC-32 is known by.
        #expect(zip.number(14, 4) == 0xCBF4_3926)
        #expect(try archive(contents, zip64Above: 0xFFFF_FFFE) == zip)
    }

    /// As if numbers above 900 did not fit 32 bits: the size of the last entry, and nothing before it.
    @Test func largeNumbersAreZip64() throws {
        let zip = try archive(contents + [("c", [7])], zip64Above: 900)
        let end = zip.count - 22
        #expect(zip.number(end + 10, 2) == 4 && zip.number(end + 16, 4) == 0xFFFF_FFFF)
        let locator = end - 20
        #expect(zip.number(locator, 4) == 0x0706_4B50 && zip.number(locator + 16, 4) == 1)
        let end64 = zip.number(locator + 8, 8)
        #expect(end64 == locator - 56)
        #expect(zip.number(end64, 4) == 0x0606_4B50 && zip.number(end64 + 4, 8) == 44)
        #expect(zip.number(end64 + 24, 8) == 4 && zip.number(end64 + 32, 8) == 4)
        var place = zip.number(end64 + 48, 8)
        #expect(place + zip.number(end64 + 40, 8) == end64)

        place += 46 + contents[0].name.utf8.count
        #expect(zip.number(place, 4) == 0x0201_4B50)
        place += 46 + contents[1].name.utf8.count
        // Sizes in the extra fields of both headers.
        let local = zip.number(place + 42, 4)
        #expect(zip.number(place + 6, 2) == 45 && zip.number(place + 20, 8) == -1)
        #expect(zip.number(place + 30, 2) == 20 && zip.number(place + 47, 4) == 0x10_0001)
        #expect(zip.number(place + 51, 8) == 1000 && zip.number(place + 59, 8) == 1000)
        #expect(zip.number(local + 4, 2) == 45 && zip.number(local + 18, 8) == -1)
        #expect(zip.number(local + 31, 4) == 0x10_0001)
        #expect(zip.number(local + 35, 8) == 1000 && zip.number(local + 43, 8) == 1000)
        let data = local + 31 + zip.number(local + 28, 2)
        #expect(data % 64 == 0 && Array(zip[data..<data + 1000]) == contents[2].bytes)
        // A small entry far from the start: its offset alone.
        place += 47 + 20
        #expect(zip.number(place + 6, 2) == 45 && zip.number(place + 24, 4) == 1)
        #expect(zip.number(place + 42, 4) == 0xFFFF_FFFF && zip.number(place + 30, 2) == 12)
        #expect(zip.number(place + 47, 4) == 0x8_0001 && zip.number(place + 51, 8) == data + 1000)
    }

    @Test func manyEntriesAreCountedInZip64() throws {
        let zip = try archive((0..<65_535).map { ("\($0)", []) }, zip64Above: 0xFFFF_FFFE)
        let end = zip.count - 22
        #expect(zip.number(end + 10, 2) == 0xFFFF)
        #expect(zip.number(zip.number(end - 12, 8) + 32, 8) == 65_535)
    }

    @Test func namesThatCannotBe() throws {
        let writer = ZipWriter(Collected(), path: "a.zip")
        try writer.add("x", [1])
        #expect(
            message { try writer.add("x", [2]) } == "a.zip is not written: the entry \"x\" is there twice")
        #expect(message { try writer.add("", [2]) }.contains("has 0 bytes"))
        let long = String(repeating: "n", count: 1025)
        #expect(message { try writer.add(long, [2]) }.contains("has 1025 bytes"))
    }

    @Test func theFileAppearsWhenCommitted() throws {
        let folder = try TemporaryFolder()
        let writer = try ZipWriter(path: folder.file("a.zip"))
        try writer.add("x", [1, 2])
        #expect(try !folder.names.contains("a.zip"))
        try writer.commit()
        #expect(try folder.names == ["a.zip"])
        #expect(try folder.read("a.zip").starts(with: Array("PK".utf8)))
    }
}

/// Takes bytes to be looked at.
final class Collected: ByteOutput {
    private(set) var bytes: [UInt8] = []
    private(set) var isCommitted = false

    func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }
    func commit() { isCommitted = true }
}
