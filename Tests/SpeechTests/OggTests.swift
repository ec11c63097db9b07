import CSndFile
import Foundation
import Speech
import TestSupport
import Testing

@Suite struct OggTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func encoded(_ coding: Int, seconds: Int = 4) throws -> [UInt8] {
        let path = folder.file("encoded.ogg")
        let noise = (0..<16000 * seconds).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
        try writeSound(noise, to: path, format: SF_FORMAT_OGG | coding)
        return try bytes(of: path)
    }

    /// The bytes of each page.
    private func pages(_ content: [UInt8]) -> [Range<Int>] {
        var (pages, start) = ([Range<Int>](), 0)
        while start < content.count {
            let segments = Int(content[start + 26])
            let body = content[start + 27..<start + 27 + segments].reduce(0) { $0 + Int($1) }
            pages.append(start..<start + 27 + segments + body)
            start = pages[pages.count - 1].upperBound
        }
        return pages
    }

    private func refusal(_ content: [UInt8]) throws -> String {
        let path = try folder.write(content, to: "a.ogg")
        let line = message { try AudioFile.info(path) }
        #expect(line == message { try AudioFile.read(path, sampleRate: 16000) })
        return line
    }

    @Test func chainedStreams() throws {
        #expect(try countedSamples(fixture("ogg_chained.ogg")) == 8000)
        for coding in [SF_FORMAT_VORBIS, SF_FORMAT_OPUS] {
            let (one, two) = (try encoded(coding), try encoded(coding, seconds: 1))
            let path = try folder.write(one + two + one, to: "a.ogg")
            #expect(try countedSamples(path) == 9 * 16000)
            let part = AudioSource(path: path, part: AudioSource.Part(start: 3.5, end: 5.5))
            let whole = try AudioFile.read(path, sampleRate: 16000).samples
            #expect(try AudioFile.read(part, sampleRate: 16000).samples == Array(whole[56000..<88000]))
        }
    }

    @Test func opusWithoutEndOfStream() throws {
        #expect((23_600...24_320).contains(try countedSamples(fixture("opus_without_eos.opus"))))
    }

    @Test func flac() throws {
        let count = try countedSamples(fixture("ogg_flac.oga"))
        #expect(count == 4000)
        let twice = try folder.write(
            Array(repeating: bytes(of: fixture("ogg_flac.oga")), count: 2).flatMap { $0 }, to: "a.oga")
        #expect(try countedSamples(twice) == 2 * count)
    }

    @Test(arguments: [SF_FORMAT_VORBIS, SF_FORMAT_OPUS])
    func everyPageIsNeeded(coding: Int) throws {
        let whole = try encoded(coding)
        let pages = pages(whole)
        try #require(pages.count > 3)
        for (index, page) in pages.enumerated() {
            var content = whole
            content[page.upperBound - 1] ^= 0x55
            #expect(
                try refusal(content).contains(
                    "is damaged: the checksum of the Ogg page at byte \(page.lowerBound)"))
            guard index > 0, index < pages.count - 1 else { continue }
            content = whole
            content.removeSubrange(page)
            #expect(try refusal(content).contains("is damaged: pages of its Ogg stream are missing"))
        }
        #expect(try refusal(Array(whole.dropLast(3))).contains("is truncated: the last page"))
    }

    @Test func tagsAroundItDoNotMatter() throws {
        let whole = try encoded(SF_FORMAT_VORBIS)
        let id3 = Array("ID3".utf8) + [3, 0, 0, 0, 0, 1, 0] + [UInt8](repeating: 65, count: 128)
        let tag = Array("TAG".utf8) + [UInt8](repeating: 32, count: 125)
        for content in [id3 + whole, whole + tag, whole + [0, 0, 0]] {
            #expect(try countedSamples(try folder.write(content, to: "a.ogg")) == 64000)
        }
    }
}
