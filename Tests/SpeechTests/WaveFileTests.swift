import Foundation
import Speech
import TestSupport
import Testing

/// WAV as recorders and editors leave it.
@Suite struct WaveFileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private let values = ramp(4000, from: 1)

    private func samples(_ content: [UInt8]) throws -> [Int16] {
        let path = try folder.write(content, to: "a.wav")
        #expect(try AudioFile.info(path).frames == AudioFile.read(path, sampleRate: 16000).samples.count)
        return try AudioFile.read(path, sampleRate: 16000).samples.map { Int16($0 * 32768) }
    }

    private func refusal(_ content: [UInt8]) throws -> String {
        let path = try folder.write(content, to: "a.wav")
        let line = message { try AudioFile.info(path) }
        #expect(
            line.hasPrefix("\(path): ") && line == message { try AudioFile.read(path, sampleRate: 16000) })
        return line
    }

    /// A WAV file with its lengths replaced.
    private func wave(total: UInt32, data: UInt32) -> [UInt8] {
        var content = SpeechTests.wave(values)
        content.replaceSubrange(4..<8, with: little(total, 4))
        content.replaceSubrange(40..<44, with: little(data, 4))
        return content
    }

    @Test func chunksPaddedOtherwise() throws {
        let chunks: [[UInt8]] = [
            Array("LIST".utf8) + little(4, 4) + Array("INFO".utf8) + [0, 0],
            Array("LIST".utf8) + little(5, 4) + Array("INFOx".utf8),
            Array("LIST".utf8) + little(4, 4) + Array("INFO".utf8) + [0, 0, 0],
        ]
        for chunk in chunks {
            var content = SpeechTests.wave(values)
            content.insert(contentsOf: chunk, at: 36)
            #expect(try samples(content) == values)
        }
    }

    @Test func peakOfOneChannel() throws {
        #expect(try countedSamples(fixture("wav_peak_of_one_channel.wav")) == 4000)
    }

    @Test func recorderThatWasKilled() throws {
        for total in [0, 36] as [UInt32] { #expect(try samples(wave(total: total, data: 0)) == values) }
        // It had written its lengths on the way.
        let line = try refusal(wave(total: 4036, data: 4000))
        #expect(line.contains("4000 bytes follow the samples that its header counts"), "\(line)")
    }

    @Test func emptyIsStillEmpty() throws {
        let empty = SpeechTests.wave([])
        #expect(try refusal(empty).contains("is empty: it has no samples"))
        var listed = empty + Array("LIST".utf8) + little(4, 4) + Array("INFO".utf8)
        listed.replaceSubrange(4..<8, with: little(UInt32(listed.count - 8), 4))
        #expect(try refusal(listed).contains("is empty: it has no samples"))
    }

    @Test func bw64() throws {
        let content = SpeechTests.wave(values)
        let sizes = little(28, 4) + little(8080 - 8, 4) + little(0, 4) + little(8000, 4) + little(0, 4)
        let head = Array("BW64".utf8) + little(0xFFFF_FFFF, 4) + Array("WAVEds64".utf8) + sizes
        let count = little(4000, 4) + little(0, 4) + little(0, 4)
        let (format, rest) = (Array(content[12..<40]), Array(content[44...]))
        let long = head + count + format + little(0xFFFF_FFFF, 4) + rest
        #expect(try samples(long) == values)
        #expect(try refusal(Array(long.dropLast(100))).contains("is truncated"))
    }

    @Test func joined() throws {
        let line = try refusal(SpeechTests.wave(values) + SpeechTests.wave(values))
        #expect(line.contains("another WAV file begins at byte 8044"), "\(line)")
    }

    @Test func absurdRates() throws {
        for rate in [1, 10, 499] {
            let path = try folder.write(SpeechTests.wave(values, rate: rate), to: "a.wav")
            for line in [
                message { try AudioFile.read(path, sampleRate: 16000, resample: true) },
                message { try UtteranceList([path], sampleRate: 16000, resample: true) },
            ] {
                #expect(
                    line.contains("is sampled at \(rate) Hz, says its header: it is no speech"), "\(line)")
            }
        }
        let slow = try folder.write(SpeechTests.wave(values, rate: 4000), to: "b.wav")
        #expect(try AudioFile.read(slow, sampleRate: 16000, resample: true).samples.count == 16000)
    }
}
