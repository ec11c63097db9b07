import CSndFile
import Foundation
import Speech
import TestSupport
import Testing

/// Every container that tells its length refuses to be cut off.
@Suite struct TruncationTests {
    static let formats = [
        ("wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT), ("rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16),
        ("w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16), ("aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16),
        ("aiff", SF_FORMAT_AIFF | SF_FORMAT_ULAW), ("au", SF_FORMAT_AU | SF_FORMAT_PCM_16),
        ("au", SF_ENDIAN_LITTLE | SF_FORMAT_AU | SF_FORMAT_PCM_16), ("caf", SF_FORMAT_CAF | SF_FORMAT_PCM_16),
        ("sph", SF_FORMAT_NIST | SF_FORMAT_PCM_16), ("sph", SF_FORMAT_NIST | SF_FORMAT_ULAW),
        ("svx", SF_FORMAT_SVX | SF_FORMAT_PCM_16), ("voc", SF_FORMAT_VOC | SF_FORMAT_PCM_16),
        ("avr", SF_FORMAT_AVR | SF_FORMAT_PCM_16), ("mat", SF_FORMAT_MAT4 | SF_FORMAT_PCM_16),
        ("mat", SF_ENDIAN_BIG | SF_FORMAT_MAT4 | SF_FORMAT_FLOAT), ("mat", SF_FORMAT_MAT5 | SF_FORMAT_PCM_16),
        ("mat", SF_ENDIAN_BIG | SF_FORMAT_MAT5 | SF_FORMAT_DOUBLE),
        ("mpc", SF_FORMAT_MPC2K | SF_FORMAT_PCM_16),
        ("sds", SF_FORMAT_SDS | SF_FORMAT_PCM_16), ("flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16),
    ]

    @Test(arguments: formats, [1, 2])
    func cutOff(format: (suffix: String, code: Int), channels: Int) throws {
        guard channels == 1 || format.suffix != "sds" && format.suffix != "svx" else { return }
        let folder = try TemporaryFolder()
        let path = folder.file("a.\(format.suffix)")
        let noise = (0..<8000 * channels).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
        try writeSound(noise, to: path, format: format.code, channels: channels)
        #expect(try AudioFile.read(path, sampleRate: 16000).samples.count == 8000)
        let content = try bytes(of: path)
        for count in [content.count / 2, content.count - 300] {
            let short = try folder.write(Array(content.prefix(count)), to: "short.\(format.suffix)")
            let line = message { try AudioFile.read(short, sampleRate: 16000) }
            #expect(line.hasPrefix("\(short): is truncated"), "\(line)")
        }
    }

    /// Written to a pipe there is no length, and no way to tell but by the frame that is not whole.
    @Test func flacOfUnknownLength() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.flac")
        let noise = (0..<60000).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
        try writeSound(noise, to: path, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        var content = try bytes(of: path)
        content[21] &= 0xF0
        content.replaceSubrange(22..<26, with: [0, 0, 0, 0])
        #expect(try countedSamples(try folder.write(content, to: "b.flac")) == 60000)
        let short = try folder.write(Array(content.prefix(content.count / 2)), to: "c.flac")
        #expect(
            message { try AudioFile.info(short) }.hasPrefix("\(short): is truncated: its last FLAC frame"))
        let joined = try folder.write(bytes(of: path) + bytes(of: path), to: "d.flac")
        #expect(
            message { try AudioFile.read(joined, sampleRate: 16000) }.contains(
                "another FLAC file begins at byte \(content.count)"))
    }

    /// A header that counts nothing is not believed where there is something.
    @Test(arguments: [
        ("au", SF_FORMAT_AU, 8, 4), ("aiff", SF_FORMAT_AIFF, 42, 4), ("caf", SF_FORMAT_CAF, 4088, 8),
    ])
    func lengthZero(suffix: String, container: Int, place: Int, width: Int) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.\(suffix)")
        try writeSound(ramp(4000, from: 1), to: path, format: container | SF_FORMAT_PCM_16)
        var content = try bytes(of: path)
        let length =
            content.firstRange(of: Array((suffix == "aiff" ? "SSND" : "data").utf8))?.upperBound ?? place
        content.replaceSubrange(length..<length + width, with: [UInt8](repeating: 0, count: width))
        let line = message {
            try AudioFile.read(try folder.write(content, to: "b.\(suffix)"), sampleRate: 16000)
        }
        #expect(line.contains("its header counts no samples, but 8"), "\(line)")
        // Core Audio and pipes leave all ones.
        guard suffix != "aiff" else { return }
        content.replaceSubrange(length..<length + width, with: [UInt8](repeating: 0xFF, count: width))
        #expect(try countedSamples(try folder.write(content, to: "c.\(suffix)")) == 4000)
    }
}
