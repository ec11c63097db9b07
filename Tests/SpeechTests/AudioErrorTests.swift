import CSndFile
import Foundation
import Layers
import Speech
import Synchronization
import TestSupport
import Testing

/// What helps with a file that is empty or damaged.
private let remedy = "; leave it out or fetch it again"

/// Every kind of bad recording is one line that begins with its path.
@Suite struct AudioErrorTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    func refusal(of path: String, resample: Bool = false) -> String {
        let line = message { try AudioFile.read(path, sampleRate: 16000, resample: resample) }
        #expect(line.hasPrefix("\(path): "), "\(line)")
        #expect(!line.contains("\n"))
        return String(line.dropFirst(path.count + 2))
    }

    @Test func missing() {
        let path = "\(folder.path)/none.wav"
        #expect(refusal(of: path) == "no such file")
        #expect(message { try AudioFile.info(path) } == "\(path): no such file")
    }

    @Test func directory() {
        #expect(refusal(of: folder.path) == "is a directory, not a recording")
    }

    @Test func belowAFile() throws {
        let file = try folder.write(wave([1]), to: "a.wav")
        #expect(refusal(of: "\(file)/b.wav") == "cannot be read: Not a directory")
    }

    @Test func pipe() throws {
        let path = folder.file("pipe.wav")
        try #require(mkfifo(path, 0o600) == 0)
        #expect(
            refusal(of: path)
                == "is not a regular file: write the audio to a file, or give it to standard input (- with --name)"
        )
    }

    /// Root may read everything.
    @Test(.enabled(if: geteuid() != 0)) func forbidden() throws {
        let path = try folder.write(wave([1]), to: "a.wav")
        chmod(path, 0)
        #expect(refusal(of: path) == "cannot be read: Permission denied")
    }

    /// A descriptor that is closed twice may be another thread's by then.
    @Test func refusedFilesAreClosedOnce() throws {
        let file = try folder.write([], to: "a.wav")
        let lost = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            for _ in 0..<4000 {
                guard thread == 0 else {
                    _ = try? AudioFile.info(file)
                    continue
                }
                let descriptors = (0..<8).map { _ in open("/dev/null", O_RDONLY | O_CLOEXEC) }
                let count = descriptors.count { close($0) != 0 }
                lost.withLock { $0 += count }
            }
        }
        #expect(lost.withLock { $0 } == 0)
    }

    @Test func empty() throws {
        #expect(refusal(of: try folder.write([], to: "a.wav")) == "is empty: it has 0 bytes\(remedy)")
        let noSamples = try folder.write(wave([]), to: "b.wav")
        #expect(refusal(of: noSamples) == "is empty: it has no samples\(remedy)")
        #expect(
            message { try AudioFile.info(noSamples) } == "\(noSamples): is empty: it has no samples\(remedy)")
    }

    @Test(arguments: ["text.wav", "text.mp3", "text.flac"])
    func notAudio(name: String) throws {
        let path = try folder.write(String(repeating: "This is no sound.\n", count: 500), to: name)
        #expect(
            refusal(of: path) == "is not audio (WAV, FLAC, Ogg or MP3), or its beginning is damaged\(remedy)")
    }

    @Test func headerCutOff() throws {
        let path = try folder.write(Array(wave([1, 2]).prefix(20)), to: "a.wav")
        #expect(
            refusal(of: path) == "is not audio (WAV, FLAC, Ogg or MP3), or its beginning is damaged\(remedy)")
    }

    @Test(arguments: [1, 1000, 1999])
    func truncatedWav(missing: Int) throws {
        let path = try folder.write(wave(ramp(1000)).dropLast(missing), to: "a.wav")
        let expected = "is truncated: its header promises 2044 bytes, the file has \(2044 - missing)\(remedy)"
        #expect(refusal(of: path) == expected)
        #expect(message { try AudioFile.info(path) } == "\(path): \(expected)")
    }

    /// Chunks of odd length are padded.
    @Test func truncatedWavWithOtherChunks() throws {
        var content = wave(ramp(1000))
        content.insert(contentsOf: Array("note".utf8) + little(3, 4) + [1, 2, 3, 0], at: 36)
        let path = try folder.write(content.dropLast(10), to: "a.wav")
        #expect(
            refusal(of: path) == "is truncated: its header promises 2056 bytes, the file has 2046\(remedy)")
    }

    @Test(arguments: [
        ("a.wav", SF_FORMAT_RF64 | SF_FORMAT_PCM_16), ("a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16),
        ("a.au", SF_FORMAT_AU | SF_FORMAT_PCM_16), ("a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16),
        ("a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS), ("a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS),
        ("a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III),
    ])
    func truncated(name: String, format: Int) throws {
        let whole = folder.file(name)
        let noise = (0..<40000).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
        try writeSound(noise, to: whole, format: format)
        #expect(try AudioFile.read(whole, sampleRate: 16000).samples.count == 40000)
        let content = try bytes(of: whole)
        for count in [content.count / 2, content.count - 5] {
            let path = try folder.write(Array(content.prefix(count)), to: "short-\(name)")
            #expect(refusal(of: path).hasPrefix("is truncated"), "\(count) of \(content.count) bytes")
        }
    }

    @Test func damagedFlac() throws {
        let path = folder.file("a.flac")
        let noise = (0..<40000).map { Float(($0 &* 7919) % 1000) / 1000 - 0.5 }
        try writeSound(noise, to: path, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        var content = try bytes(of: path)
        for index in content.count / 2..<content.count / 2 + 100 { content[index] ^= 0x5A }
        _ = try folder.write(content, to: "a.flac")
        #expect(refusal(of: path).contains("damaged"))
    }

    @Test(arguments: [(Float.nan, "NaN"), (.infinity, "infinite"), (-.infinity, "infinite")])
    func notFinite(value: Float, name: String) throws {
        var samples = [Float](repeating: 0.25, count: 70000)
        samples[66_001] = value
        let path = folder.file("a.wav")
        try writeSound(samples, to: path, format: SF_FORMAT_WAV | SF_FORMAT_FLOAT)
        #expect(refusal(of: path) == "is damaged: sample 66001 is \(name)\(remedy)")
    }

    @Test func wrongRateNamesBothAndTheRemedy() throws {
        let path = try folder.write(wave(ramp(10), rate: 44100), to: "a.wav")
        #expect(
            refusal(of: path)
                == "is sampled at 44100 Hz, needed are 16000 Hz: convert it, or have it resampled")
    }

    /// The model's errors name the recording where it is to blame.
    @Test func errorsOfModels() {
        func line(_ error: any Error) -> String {
            message { try AudioError.naming("a.wav") { throw error } }
        }
        #expect(
            line(ModelError.tooShort(samples: 3, needed: 45))
                == "a.wav: 3 samples are too short: the model needs at least 45; leave it out")
        #expect(
            line(ModelError.notFinite)
                == "a.wav: the encoder's output is not finite: samples should lie within -1 and 1; leave it out"
        )
        #expect(
            line(ModelError.tooLarge(.z, needed: 2e9, available: 1e9))
                == "a.wav: z of the whole recording takes 2.0 GB of memory, and there are 1.0 GB: cut the recording "
                + "into pieces, or leave it out")
        #expect(
            line(ModelError.noLayer(.c, reason: "it is a test"))
                == "the model has no layer c: it is a test")
        #expect(line(ModelError.noQuantizer) == "\(ModelError.noQuantizer)")
    }

    @Test func impossibleRate() throws {
        let path = try folder.write(wave(ramp(10)), to: "a.wav")
        let line = message { try AudioFile.read(path, sampleRate: 0, resample: true) }
        #expect(line == "\(path): cannot be read at 0 Hz: the sample rate must be positive")
    }

    /// A header that promises 68 billion samples must not cost memory.
    @Test func absurdLength() throws {
        let path = folder.file("a.flac")
        try writeSound(
            sine(440, rate: 16000, count: 1000), to: path, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        var content = try bytes(of: path)
        content[21] |= 0x0F
        content.replaceSubrange(22..<26, with: [0xFF, 0xFF, 0xFF, 0xFF])
        _ = try folder.write(content, to: "a.flac")
        #expect(refusal(of: path) == "is longer than 2147483648 samples: cut it into parts")
    }
}
