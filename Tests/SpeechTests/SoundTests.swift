import CSndFile
import CSoxr
import Foundation
import Speech
import TestSupport
import Testing

/// Recordings of any length, in memory or in a file.
@Suite struct SoundTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: [16000, 44100])
    func aLongRecordingInAFile(rate: Int) throws {
        let path = folder.file("a.flac")
        try writeSound(
            sine(440, rate: rate, count: 300_001), to: path, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
            rate: rate)
        let source = AudioSource(path: path)
        let whole = try AudioFile.read(path, sampleRate: 16000, resample: true).samples
        for limit in [Sound.longestInMemory, 100_000, 0] {
            let sound = try Sound(
                source, sampleRate: 16000, resample: true, longestInMemory: limit,
                temporaryFolder: folder.path)
            #expect(sound.count == whole.count && sound.silence == nil)
            #expect(try sound.samples(0..<whole.count) == whole)
            #expect(try sound.samples(777..<888) == Array(whole[777..<888]))
            let read = try sound.withFrames { frames in
                try frames.read(1000..<2000) { Array(UnsafeBufferPointer(start: $0, count: 1000)) }
            }
            #expect(read == Array(whole[1000..<2000]))
        }
        // Nothing stays behind.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.flac"])
    }

    @Test func noRoomIsTold() throws {
        let path = try folder.write(wave(ramp(4000)), to: "a.wav")
        let line = message {
            try Sound(
                AudioSource(path: path), sampleRate: 16000, longestInMemory: 0,
                temporaryFolder: folder.path + "/none")
        }
        #expect(line.hasPrefix("\(path): temporary files cannot be kept in "), "\(line)")
    }

    @Test func whatIsSilent() throws {
        func silence(_ values: [Int16], channels: Int) throws -> Silence? {
            let path = try folder.write(wave(values, channels: channels), to: "a.wav")
            let sound = try Sound(AudioSource(path: path), sampleRate: 16000)
            #expect(try AudioFile.read(path, sampleRate: 16000).silence == sound.silence)
            return sound.silence
        }
        #expect(try silence([0, 0, 0, 0], channels: 1) == .nothingRecorded)
        #expect(try silence([0, 0, 0, 0], channels: 2) == .nothingRecorded)
        #expect(try silence([7, -7, 3, -3], channels: 2) == .channelsCancel)
        #expect(try silence([7, -7, 3, -2], channels: 2) == nil)
    }

    /// What is converted block by block is what libsoxr makes of the whole.
    @Test(arguments: [8000, 22050, 44100, 48000, 96000])
    func conversionDoesNotDependOnBlocks(rate: Int) throws {
        let values = ramp(200_003, from: -3).map { $0 &* 7919 }
        let path = try folder.write(wave(values, rate: rate), to: "a.wav")
        let count = Resampler.outputCount(values.count, from: rate, to: 16000)
        var expected = [Float](repeating: 0, count: count + 8)
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
        let samples = values.map { Float($0) / 32768 }
        var (used, made) = (0, 0)
        try #require(
            soxr_oneshot(
                Double(rate), 16000, 1, samples, samples.count, &used, &expected, count + 8, &made, &format,
                &quality,
                nil) == nil)
        #expect(made == count)
        #expect(
            try AudioFile.read(path, sampleRate: 16000, resample: true).samples
                == Array(expected.prefix(count)))
    }

    /// A decoder would take it for the end.
    @Test func aReadThatFailsIsRemembered() throws {
        let path = try folder.write([UInt8](repeating: 1, count: 200_000), to: "a.raw")
        let file = try OpenFile(AudioSource(path: path))
        var buffer = [UInt8](repeating: 0, count: 100_000)
        #expect(buffer.withUnsafeMutableBytes { file.read(into: $0, at: 0) } == 100_000)
        try file.check()
        #expect(truncate(path, 1000) == 0)
        #expect(buffer.withUnsafeMutableBytes { file.read(into: $0, at: 100_000) } == 0)
        #expect(
            message { try file.check() } == "\(path): cannot be read: it became shorter while it was read")
    }
}
