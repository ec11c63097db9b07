import CSndFile
import Foundation
import Speech
import TestSupport
import Testing

/// MP3 as people have it: no length in it is certain.
@Suite struct MPEGTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// An MP3 file of LAME's, with an Info or Xing frame; frames are 288 bytes of 576 samples and more, or fewer.
    private func encoded(_ seconds: Int = 2) throws -> [UInt8] {
        let path = folder.file("encoded.mp3")
        let noise = (0..<16000 * seconds).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
        try writeSound(noise, to: path, format: SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
        return try bytes(of: path)
    }

    /// Where its Info or Xing frame counts the others.
    private func infoFrame(_ content: [UInt8]) throws -> Int {
        try #require(
            content.indices.dropLast(4).first {
                ["Xing", "Info"].contains(String(decoding: content[$0..<$0 + 4], as: UTF8.self))
            })
    }

    /// The frames behind the first one.
    private func withoutInfo(_ content: [UInt8]) throws -> [UInt8] {
        let next = try #require(
            content.indices.dropFirst(8).first {
                content[$0] == 0xFF && content[$0 + 1] == content[0 + 1]
                    && content[$0 + 2] & 12 == content[2] & 12
            })
        return Array(content[next...])
    }

    private func samples(_ content: [UInt8]) throws -> Int {
        try countedSamples(try folder.write(content, to: "a.mp3"))
    }

    @Test(arguments: [
        ("mp3_cbr_without_info.mp3", 48000, 73_728), ("mp3_vbr_without_xing_speech_first.mp3", 16000, 49_536),
        ("mp3_cbr_cover_without_info.mp3", 16000, 25_344),
    ])
    func withoutInfoFrame(name: String, rate: Int, count: Int) throws {
        #expect(try countedSamples(fixture(name), sampleRate: rate) == count)
    }

    @Test func joinedFilesAreReadToTheEnd() throws {
        #expect(try countedSamples(fixture("mp3_two_joined.mp3")) > 47_000)
        let plain = try withoutInfo(encoded())
        let one = try samples(plain)
        let id3 = Array("ID3".utf8) + [3, 0, 0, 0, 0, 1, 0] + [UInt8](repeating: 0xFF, count: 128)
        let tag = Array("TAG".utf8) + [UInt8](repeating: 32, count: 125)
        for between in [[], tag, id3, tag + id3] { #expect(try samples(plain + between + plain) >= 2 * one) }
    }

    /// A picture has bytes that look like frames.
    @Test func tagsAreNoSound() throws {
        let plain = try withoutInfo(encoded())
        let count = try samples(plain)
        let picture = (0..<4000).flatMap { _ in Array(plain.prefix(4)) }
        let size = UInt32(picture.count)
        let id3 = Array("ID3".utf8) + [3, 0, 0] + [14, 7, 0].map { UInt8(size >> UInt32($0 + 7) & 127) }
        let sizes = [21, 14, 7, 0].map { UInt8(size >> UInt32($0) & 127) }
        let front = Array(id3.prefix(6)) + sizes + picture
        func ape(_ flags: UInt32) -> [UInt8] {
            Array("APETAGEX".utf8) + little(2000, 4) + little(size + 32, 4) + little(1, 4) + little(flags, 4)
                + [UInt8](repeating: 0, count: 8)
        }
        let end = ape(0xA000_0000) + picture + ape(0x8000_0000)
        let tag = Array("TAG".utf8) + [UInt8](repeating: 32, count: 125)
        let room = [UInt8](repeating: 0, count: 1000)
        for content in [
            front + plain, front + room + plain, plain + end, front + plain + end + tag, end + plain,
        ] {
            #expect(try samples(content) == count)
        }
    }

    @Test func whatTheFirstFramePromisesIsChecked() throws {
        let whole = try encoded()
        let place = try infoFrame(whole) + 8
        let count = try samples(whole)
        #expect(count == 32000)
        for (promised, isRefused) in [(0, false), (10, false), (90_000, true)] as [(UInt32, Bool)] {
            var content = whole
            content.replaceSubrange(place..<place + 4, with: little(promised, 4).reversed())
            let path = try folder.write(content, to: "a.mp3")
            let line = message { try AudioFile.read(path, sampleRate: 16000) }
            #expect(line.contains("is truncated or damaged") == isRefused, "\(line)")
            if !isRefused { #expect(try countedSamples(path) >= count) }
        }
    }

    @Test func cutOffAndDamaged() throws {
        let plain = try withoutInfo(encoded())
        var hole = plain
        for index in plain.count / 2..<plain.count / 2 + 3000 { hole[index] = 0 }
        let contents = [
            (Array(plain.dropLast(20)), "its last MPEG audio frame is not whole"),
            (hole, "that are no MPEG audio"),
            (Array(plain.dropFirst(30)), "its beginning is damaged"),
        ]
        for (content, problem) in contents {
            let path = try folder.write(content, to: "a.mp3")
            for line in [
                message { try AudioFile.read(path, sampleRate: 16000) }, message { try AudioFile.info(path) },
            ] {
                #expect(line.hasPrefix("\(path): ") && line.contains(problem), "\(line)")
            }
        }
    }

    @Test func aChangeOfTheRateIsTold() throws {
        let other = folder.file("other.mp3")
        try writeSound(
            sine(440, rate: 44100, count: 44100), to: other,
            format: SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III,
            rate: 44100)
        let path = try folder.write(try encoded() + bytes(of: other), to: "a.mp3")
        let line = message { try AudioFile.read(path, sampleRate: 16000) }
        #expect(line.contains("at 16000 Hz to 1 at 44100 Hz"), "\(line)")
    }
}
