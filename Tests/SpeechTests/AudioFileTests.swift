import CSndFile
import Speech
import TestSupport
import Testing

@Suite struct AudioFileTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func sixteenBitSamplesAreExactly32768ths() throws {
        let values: [Int16] = [0, 1, -1, 12345, 32767, -32768]
        let path = try folder.write(wave(values), to: "a.wav")
        let waveform = try AudioFile.read(path, sampleRate: 16000)
        #expect(waveform.samples == values.map { Float($0) / 32768 })
        #expect(waveform.sampleRate == 16000)
        #expect(waveform.path == path)
    }

    @Test func channelsAreAveraged() throws {
        let path = try folder.write(wave([100, 201, -32768, 32767, 7, 8], channels: 2), to: "a.wav")
        let samples = try AudioFile.read(path, sampleRate: 16000).samples
        let expected: [Float] = [150.5 / 32768, -0.5 / 32768, 7.5 / 32768]
        #expect(samples == expected)
    }

    @Test func threeChannelsAreSummedThenDivided() throws {
        let values = (0..<3000).map { index -> Float in Float(index * 7919 % 3001) / 3001 }
        let path = folder.file("a.wav")
        try writeSound(values, to: path, format: SF_FORMAT_WAV | SF_FORMAT_FLOAT, channels: 3)
        let expected = (0..<1000).map { frame -> Float in
            let sum = values[3 * frame] + values[3 * frame + 1] + values[3 * frame + 2]
            return sum / 3
        }
        #expect(try AudioFile.read(path, sampleRate: 16000).samples == expected)
    }

    @Test func losslessFormatsKeepEverySample() throws {
        let values = ramp(100_000, from: -3000)
        let expected = values.map { Float($0) / 32768 }
        for (name, container) in [
            ("a.flac", SF_FORMAT_FLAC), ("a.aiff", SF_FORMAT_AIFF), ("a.au", SF_FORMAT_AU),
        ] {
            let path = folder.file(name)
            try writeSound(values, to: path, format: container | SF_FORMAT_PCM_16)
            #expect(try AudioFile.read(path, sampleRate: 16000).samples == expected, "\(name)")
        }
    }

    @Test func lossyFormatsKeepLengthAndSound() throws {
        let tone = sine(440, rate: 16000, count: 40000)
        let formats = [
            ("a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS), ("a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS),
            ("a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III),
        ]
        for (name, format) in formats {
            let path = folder.file(name)
            try writeSound(tone, to: path, format: format)
            let read = try AudioFile.read(path, sampleRate: 16000).samples
            #expect(read.count == 40000, "\(name)")
            let error = zip(read, tone).map { abs($0 - $1) }.dropFirst(1000).dropLast(1000).max() ?? 1
            #expect(error < 0.1, "\(name)")
        }
    }

    @Test func infoReadsTheHeader() throws {
        let path = try folder.write(wave(ramp(44100 * 2), rate: 44100, channels: 2), to: "a.wav")
        let info = try AudioFile.info(path)
        #expect(info == AudioInfo(frames: 44100, sampleRate: 44100, channels: 2))
        #expect(info.samples(at: 16000) == 16000)
        #expect(info.samples(at: 44100) == 44100)
    }

    /// The length of a FLAC stream that was written to a pipe stands nowhere.
    @Test func flacOfUnknownLengthIsCounted() throws {
        let path = folder.file("a.flac")
        try writeSound(
            sine(300, rate: 16000, count: 50000), to: path, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        var content = try bytes(of: path)
        content[21] &= 0xF0
        content.replaceSubrange(22..<26, with: [0, 0, 0, 0])
        let piped = try folder.write(content, to: "piped.flac")
        #expect(try AudioFile.info(piped).frames == 50000)
        let whole = try AudioFile.read(path, sampleRate: 16000).samples
        #expect(try AudioFile.read(piped, sampleRate: 16000).samples == whole)
    }

    /// Programs that write WAV to a pipe leave a length of all ones, or nearly 2³¹.
    @Test(arguments: [[UInt8](repeating: 0xFF, count: 4), [0x00, 0xF0, 0xFF, 0x7F]])
    func wavOfUnknownLengthIsReadToItsEnd(length: [UInt8]) throws {
        var content = wave(ramp(5000))
        content.replaceSubrange(40..<44, with: length)
        let path = try folder.write(content, to: "a.wav")
        #expect(try AudioFile.read(path, sampleRate: 16000).samples.count == 5000)
    }

    @Test func chunksAroundTheSamplesDoNotMatter() throws {
        var content = wave([1, 2, 3])
        content.insert(contentsOf: Array("note".utf8) + little(3, 4) + [1, 2, 3, 0], at: 36)
        content += Array("LIST".utf8) + little(4, 4) + [0, 0, 0, 0]
        let path = try folder.write(content, to: "a.wav")
        let expected: [Float] = [1 / 32768, 2 / 32768, 3 / 32768]
        #expect(try AudioFile.read(path, sampleRate: 16000).samples == expected)
    }

    @Test func silenceIsReadAndTold() throws {
        let silent = try folder.write(wave([0, 0, 0, 0]), to: "silent.wav")
        let quiet = try folder.write(wave([0, 0, 0, 1]), to: "quiet.wav")
        #expect(try AudioFile.read(silent, sampleRate: 16000).isSilent)
        #expect(try !AudioFile.read(quiet, sampleRate: 16000).isSilent)
    }
}
