import CSndFile
import Foundation
import Speech
import TestSupport
import Testing

/// Recordings inside larger files, and parts of recordings.
@Suite struct AudioArchiveTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Kaldi's archive: each recording after its key and a space. Returns the path and the offsets. The keys
    /// look like chunks of the WAV files before them.
    private func archive(_ recordings: [[UInt8]]) throws -> (path: String, offsets: [Int]) {
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        for (index, recording) in recordings.enumerated() {
            bytes += Array("\(["fmt ", "data", "LIST"][index % 3]) ".utf8)
            offsets.append(bytes.count)
            bytes += recording
        }
        return (try folder.write(bytes, to: "wav.ark"), offsets)
    }

    /// What the kaldiio package writes: a marker, the length, a file.
    private func enclosed(_ file: [UInt8]) -> [UInt8] {
        Array("AUDIO".utf8) + [3] + little(UInt32(file.count), 3) + file
    }

    private func values(_ source: AudioSource) throws -> [Int16] {
        try AudioFile.read(source, sampleRate: 16000).samples.map { Int16($0 * 32768) }
    }

    @Test func recordingsInAnArchive() throws {
        let flac = folder.file("a.flac")
        try writeSound(ramp(3000, from: 7), to: flac, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        let (path, offsets) = try archive([
            wave(ramp(1000, from: 1)), wave(ramp(20000, from: -5)), enclosed(bytes(of: flac)),
            enclosed(wave(ramp(10))), wave(ramp(500, from: 3)),
        ])
        let expected = [
            ramp(1000, from: 1), ramp(20000, from: -5), ramp(3000, from: 7), ramp(10), ramp(500, from: 3),
        ]
        for (offset, expected) in zip(offsets, expected) {
            let source = AudioSource(path: path, offset: offset)
            #expect(try values(source) == expected)
            #expect(try AudioFile.info(source).frames == expected.count)
        }
        #expect(
            try AudioFile.read(
                AudioSource(path: path, offset: offsets[1]), sampleRate: 16000
            ).path == "\(path):\(offsets[1])")
    }

    /// A recording may begin with the file, and have chunks around its samples.
    @Test func offsetZeroAndOtherChunks() throws {
        let note = Array("note".utf8) + little(3, 4) + [1, 2, 3, 0]
        var recording = wave(ramp(1001))
        recording.insert(contentsOf: note, at: 36)
        recording += note
        recording.replaceSubrange(4..<8, with: little(UInt32(recording.count - 8), 4))
        let path = try folder.write(recording + Array("next ".utf8) + wave(ramp(5)), to: "b.ark")
        #expect(try values(AudioSource(path: path, offset: 0)) == ramp(1001))
    }

    @Test func whatIsNotThere() throws {
        let streamed = Array(wave(ramp(100)).prefix(40)) + little(0xFFFF_FFFF, 4) + [0, 0]
        let (path, offsets) = try archive([wave(ramp(1000)), streamed, enclosed(wave(ramp(9)))])
        let size = try bytes(of: path).count
        func refusal(_ offset: Int) -> String {
            let source = AudioSource(path: path, offset: offset)
            let line = message { try AudioFile.read(source, sampleRate: 16000) }
            #expect(line == message { try AudioFile.info(source) })
            #expect(line.hasPrefix("\(path):\(offset): "))
            return String(line.dropFirst("\(path):\(offset): ".count))
        }
        let noRecording = "no WAV begins at this byte of the archive: make its list anew"
        for offset in [offsets[0] - 1, offsets[0] + 4, size - 1] { #expect(refusal(offset) == noRecording) }
        for offset in [size, size + 1, .max, -1] {
            #expect(
                refusal(offset)
                    == "the archive has only \(size) bytes: fetch it again, or make its list anew")
        }
        #expect(refusal(offsets[1]).hasPrefix("does not tell its length"))
        let cut = try folder.write(Array(try bytes(of: path).prefix(offsets[0] + 1000)), to: "wav.ark")
        #expect(cut == path)
        #expect(
            refusal(offsets[0])
                == "is truncated: its header promises 2044 bytes, the file has 1000; leave it out or fetch it again"
        )
        for length: [UInt8] in [[3, 0xFF, 0xFF, 0xFF], [7] + Array(repeating: 0xFF, count: 7), [2, 0]] {
            _ = try folder.write(Array("AUDIO".utf8) + length, to: "wav.ark")
            let line = message { try AudioFile.info(AudioSource(path: path, offset: 0)) }
            #expect(line.contains("is truncated"), "\(line)")
        }
        for length: [UInt8] in [[0], [8], [255, 1], []] {
            _ = try folder.write(Array("AUDIO".utf8) + length, to: "wav.ark")
            #expect(refusal(0) == noRecording)
        }
        let missing = AudioSource(path: "\(path).gone", offset: 9)
        #expect(message { try AudioFile.info(missing) } == "\(path).gone:9: no such file")
    }

    // MARK: Parts

    @Test(
        arguments: [
            // As Kaldi's extract-segments: rounded down, an end half a second late is the recording's.
            (0.0, 0.5, 0..<8000), (0.25, 0.75, 4000..<12000), (0.1, 0.10006, 1600..<1600),
            (0.5, 1.0, 8000..<16000),
            (0.00007, 0.5, 1..<8000), (0.5, nil, 8000..<16000), (0.5, 1.5, 8000..<16000),
            (0.29999, 0.49999, 4799..<7999),
        ] as [(Double, Double?, Range<Int>)])
    func parts(start: Double, end: Double?, samples: Range<Int>) throws {
        let wav = try folder.write(wave(ramp(16000)), to: "a.wav")
        let flac = folder.file("a.flac")
        try writeSound(ramp(16000), to: flac, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        let (ark, offsets) = try archive([wave(ramp(10)), wave(ramp(16000))])
        for var source in [
            AudioSource(path: wav), AudioSource(path: flac), AudioSource(path: ark, offset: offsets[1]),
        ] {
            source.part = AudioSource.Part(start: start, end: end)
            guard !samples.isEmpty else {
                #expect(message { try AudioFile.info(source) }.contains("is empty: it has no samples"))
                continue
            }
            #expect(try values(source) == Array(ramp(16000)[samples]))
            #expect(try AudioFile.info(source).frames == samples.count)
        }
    }

    @Test(
        arguments: [
            (1.0, nil, "lies beyond the recording's end at 1.0 s"), (0.5, 1.6, "lies beyond"),
            (9.0, 9.1, "lies beyond"),
            (1e300, nil, "lies beyond"), (0.5, 1e300, "lies beyond"), (0.5, 0.5, "is not a part"),
            (0.5, 0.25, "is not a part"), (-1.0, 0.5, "is not a part"), (.nan, 0.5, "is not a part"),
            (0.0, .infinity, "is not a part"),
        ] as [(Double, Double?, String)])
    func partsThatAreNotThere(start: Double, end: Double?, problem: String) throws {
        let path = try folder.write(wave(ramp(16000)), to: "a.wav")
        let source = AudioSource(path: path, part: AudioSource.Part(start: start, end: end))
        let line = message { try AudioFile.read(source, sampleRate: 16000) }
        #expect(line.hasPrefix("\(path)[\(start):\(end.map { "\($0)" } ?? "")]: \(problem)"), "\(line)")
    }

    @Test func aPartIsConvertedAlone() throws {
        let path = try folder.write(wave(ramp(8000), rate: 8000), to: "a.wav")
        let source = AudioSource(path: path, part: AudioSource.Part(start: 0.25, end: 0.75))
        #expect(try AudioFile.read(source, sampleRate: 16000, resample: true).samples.count == 8000)
        #expect(try AudioFile.info(source).samples(at: 16000) == 8000)
    }
}
