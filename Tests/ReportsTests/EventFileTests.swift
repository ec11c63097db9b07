import Foundation
import Reports
import TensorFiles
import TestSupport
import Testing

@Suite struct EventFileTests {
    /// RFC 3720, appendix B.4.
    @Test func checksumsAreThoseOfTheStandard() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(UInt8(0)...31) == 0x46DD_794E)
        // As TensorBoard's own reader computes it.
        #expect(CRC32C.masked([UInt8](repeating: 0, count: 32)) == 0x0FD7_FFFA)
    }

    @Test func scalarsHaveTagStepAndTime() throws {
        let folder = try TemporaryFolder()
        let file = try EventFile(folder: folder.url.path, from: 7, time: Date(timeIntervalSince1970: 1000))
        try file.append(
            [("a/b", .scalar(0.5)), ("bad", .scalar(.nan))], step: 300,
            time: Date(timeIntervalSince1970: 2000))
        try file.append([("bad", .scalar(.infinity))], step: 301)
        let events = try ReadMessage.events(file.path)
        #expect(events.count == 3)
        #expect(events[0].string(3) == "brain.Event:2" && events[0].double(1) == 1000)
        #expect(events[1].number(2) == 7)
        #expect(try events[1].messages(7).first?.number(1) == 1)
        #expect(events[2].number(2) == 300 && events[2].double(1) == 2000)
        let values = try #require(try events[2].messages(5).first).messages(1)
        #expect(values.map { $0.string(1) } == ["a/b"] && values[0].float(2) == 0.5)
    }

    @Test func aSecondFileComesBehindTheFirst() throws {
        let folder = try TemporaryFolder()
        let time = Date(timeIntervalSince1970: 1000)
        let first = try EventFile(folder: folder.url.path, from: 0, time: time)
        let second = try EventFile(folder: folder.url.path, from: 5, time: time)
        // The clock was put back by an hour, and a foreign file has a name that is no time.
        try folder.write("", to: "events.out.tfevents.notes")
        let third = try EventFile(folder: folder.url.path, from: 6, time: Date(timeIntervalSince1970: -2600))
        #expect(first.path < second.path && second.path < third.path)
        #expect(try folder.names.count == 4)
    }

    /// A value as it stands in a file.
    private func read(_ value: EventValue) throws -> ReadMessage {
        let folder = try TemporaryFolder()
        let file = try EventFile(folder: folder.url.path, from: 0)
        try file.append([("tag", value)], step: 1)
        let summary = try #require(try ReadMessage.events(file.path).last?.messages(5).first)
        return try #require(try summary.messages(1).first)
    }

    @Test func histogramsHaveABucketForEachNumber() throws {
        let value = try read(.histogram(counts: [0, 3, 1]))
        let histogram = try #require(try value.messages(5).first)
        #expect(histogram.double(1) == 1 && histogram.double(2) == 2)
        #expect(histogram.double(3) == 4 && histogram.double(4) == 5 && histogram.double(5) == 7)
        #expect(histogram.doubles(6) == [0.5, 1.5, 2.5] && histogram.doubles(7) == [0, 3, 1])
    }

    @Test func soundsAreWaveFiles() throws {
        let value = try read(.audio(samples: [0, 0.75, -2, 2], sampleRate: 16000))
        let audio = try #require(try value.messages(6).first)
        #expect(audio.float(1) == 16000 && audio.number(2) == 1 && audio.number(3) == 4)
        #expect(audio.string(5) == "audio/wav")
        let bytes = try #require(audio.bytes(4))
        #expect(bytes.count == 52 && Array(bytes.suffix(8)) == [0, 0, 0, 0x60, 0, 0x80, 0xFF, 0x7F])
        #expect(ReadMessage.number(bytes[24..<28]) == 16000 && ReadMessage.number(bytes[40..<44]) == 8)
    }

    @Test func namesOfNumbersInALine() throws {
        let text = #"""
            {"type":"train","update":3,"loss_bits":1.5,"flag":true,"per_group":[1,"nan",2.5],
             "extra_losses":[{"name":"diversity","value":0.25}]}
            """#
        guard case .object(let line) = try JSONValue(parsing: text) else { return }
        let values = EventScalars.values(of: line, kind: "train")
        #expect(
            values.map(\.tag) == [
                "train/loss_bits", "train/flag", "train/per_group/1", "train/per_group/3",
                "train/extra_losses/diversity",
            ])
        #expect(values.map(\.value) == [.scalar(1.5), .scalar(1), .scalar(1), .scalar(2.5), .scalar(0.25)])
    }
}
