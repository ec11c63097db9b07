import Foundation
import Speech
import SystemPackage
import TestSupport
import Testing

@Suite struct KaldiTablesTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func filesAndArchives() throws {
        let path = try folder.write(
            "s1-a /d/x.wav\n  b\trel/y z.flac \r\nc wav.ark:12345\nd /d/a:b.wav\ne x:07\nf 16\n\n",
            to: "wav.scp")
        let recordings = try KaldiTables.recordings(path)
        #expect(recordings.map(\.name) == ["s1-a", "b", "c", "d", "e", "f"])
        #expect(
            recordings.map(\.source) == [
                AudioSource(path: "/d/x.wav"), AudioSource(path: "rel/y z.flac"),
                AudioSource(path: "wav.ark", offset: 12345), AudioSource(path: "/d/a:b.wav"),
                AudioSource(path: "x", offset: 7), AudioSource(path: "16"),
            ])
        #expect(recordings.map(\.listedSamples) == Array(repeating: nil, count: 6))
        #expect(recordings[2].path == "wav.ark:12345")
    }

    @Test(arguments: [
        (
            "a x.wav\nb sox in.flac -t wav - |\n",
            ":2: b is the output of a command (sox in.flac -t wav - |): commands are not run; "
                + "write what it gives to a WAV file and list that"
        ),
        ("b | cat x.wav\n", ":1: b is the output of a command (| cat x.wav): commands are not run; "),
        ("a -\n", ":1: a is to be read from standard input"),
        ("a x.wav\nb\n", ":2: expected \"key path\" or \"key path:offset\", found \"b\""),
        ("a x.wav\n\nb\n", ":3: expected"), ("a   \n", ":1: expected"),
        ("a x.wav\nb y.wav\na z.wav\n", ":3: the key a is that of line 1 already"),
        ("a x.ark:99999999999999999999\n", ":1: a has an offset that no file has"),
        ("a x\0y.wav\n", ":1: contains a zero byte"), ("", ": lists no recordings"),
        ("\n \n", ": lists no recordings"),
    ])
    func malformed(text: String, problem: String) throws {
        let path = try folder.write(text, to: "wav.scp")
        let line = message { try KaldiTables.recordings(path) }
        #expect(line.hasPrefix(path + problem), "\(line)")
        #expect(!line.contains("\n"))
    }

    @Test func speakers() throws {
        let path = try folder.write("a  s1\nb\ts2\r\n\na s1\n", to: "utt2spk")
        #expect(try KaldiTables.speakers(FilePath(path)) == ["a": "s1", "b": "s2"])
    }

    @Test(arguments: [
        ("a s1\nb\n", ":2: expected \"utterance speaker\", found \"b\""),
        ("a s1\na b c\n", ":2: expected \"utterance speaker\", found \"a b c\""),
        ("a s1\nb s2\n\na s2\n", ":4: a is of s1 in line 1 already: give it one speaker"),
        ("", ": lists no speakers"),
    ])
    func malformedSpeakers(text: String, problem: String) throws {
        let path = try folder.write(text, to: "utt2spk")
        #expect(message { try KaldiTables.speakers(FilePath(path)) } == path + problem)
        let missing = FilePath(folder.file("missing"))
        #expect(
            message { try KaldiTables.speakers(missing) }
                == "\(missing): cannot be read: No such file or directory")
    }

    /// Fields end at spaces and tabs, lines at line ends, and names are bytes: also those of U+00A0, U+2003 and U+0085,
    /// and such as are not UTF-8.
    @Test func fieldsAreBytes() throws {
        let names: [[UInt8]] = [
            Array("u\u{A0}1".utf8), Array("u\u{2003}2".utf8), Array("u\u{85}3".utf8), [0x75, 0xE7],
            [0x75, 0xE8],
            Array("\u{E9}".utf8), Array("e\u{301}".utf8), Array("u\u{B}\u{C}".utf8),
        ]
        var table: [UInt8] = [0xEF, 0xBB, 0xBF]
        for name in names { table += name + [0x20] + name + Array(".wav \r\n\n".utf8) }
        let recordings = try KaldiTables.recordings(try folder.write(table, to: "wav.scp"))
        #expect(recordings.map(\.name.bytes) == names)
        #expect(recordings.map(\.source.path.bytes) == names.map { $0 + Array(".wav".utf8) })

        var segments: [UInt8] = []
        for name in names { segments += Array("s-".utf8) + name + [0x09] + name + Array(" 0 1\n".utf8) }
        _ = try folder.write(segments, to: "segments")
        let parts = try KaldiTables.recordings("\(folder.path)/wav.scp")
        #expect(parts.map(\.name.bytes) == names.map { Array("s-".utf8) + $0 })
        #expect(parts.map(\.source.path) == recordings.map(\.source.path))
    }

    @Test func notText() throws {
        let path = try folder.write([0xFF, 0xFE, 0x61, 0, 0x20, 0], to: "wav.scp")
        #expect(
            message { try KaldiTables.recordings(path) } == "\(path): is UTF-16 text: save it as UTF-8")
    }

    @Test func segments() throws {
        let table = "r1 a.wav\nr2 b.ark:77\nr3 c.wav\n"
        let path = try folder.write(table, to: "wav.scp")
        _ = try folder.write("u1 r2 0.5 1.25\nu2 r1  0 3\r\nu3 r2 4.5 -1\n", to: "segments")
        let recordings = try KaldiTables.recordings(path)
        #expect(recordings.map(\.name) == ["u1", "u2", "u3"])
        #expect(recordings.map(\.path) == ["b.ark:77[0.5:1.25]", "a.wav[0.0:3.0]", "b.ark:77[4.5:]"])
        // Other tables of the folder are not divided.
        let other = try folder.write(table, to: "other.scp")
        #expect(try KaldiTables.recordings(other).map(\.name) == ["r1", "r2", "r3"])
    }

    @Test(arguments: [
        ("u r 0 1\nv s 0 1\n", ":2: TABLE has no recording s"),
        ("u r 0\n", ":1: expected \"key recording start end\""),
        ("u r 0 1 2\n", ":1: expected"), ("u r 1 1\n", ":1: expected"), ("u r 1 0.5\n", ":1: expected"),
        ("u r -1 5\n", ":1: expected"), ("u r nan 5\n", ":1: expected"), ("u r 0 inf\n", ":1: expected"),
        ("u r 0 -2\n", ":1: expected"), ("u r zero 1\n", ":1: expected"),
        ("u r 0 1\nu r 1 2\n", ":2: the key u is that of line 1 already"), ("", ": lists no segments"),
    ])
    func malformedSegments(text: String, problem: String) throws {
        let path = try folder.write("r a.wav\n", to: "wav.scp")
        let segments = try folder.write(text, to: "segments")
        let line = message { try KaldiTables.recordings(path) }
        #expect(line.hasPrefix(segments + problem.replacing("TABLE", with: path)), "\(line)")
    }

    /// From the table to the lengths that training plans with.
    @Test func tablesAreData() throws {
        let ark = try folder.write(Array("a ".utf8) + wave(ramp(16000)), to: "w.ark")
        let wav = try folder.write(wave(ramp(500)), to: "b.wav")
        let path = try folder.write("x \(ark):2\ny \(wav)\n", to: "data/wav.scp")
        let whole = try UtteranceList([path], sampleRate: 16000)
        #expect(whole.utterances.map(\.samples) == [16000, 500])
        _ = try folder.write("p x 0.5 -1\nq x 0.25 0.5\n", to: "data/segments")
        let parts = try UtteranceList([path], sampleRate: 16000)
        #expect(parts.utterances.map(\.samples) == [8000, 4000])
        let plan = try BatchPlan(
            parts.utterances, limits: BatchLimits(maxSampleSize: 9000, maxSamples: 20000), order: .fixed)
        let batch = try Batch(reading: plan.batches(epoch: 0)[0], from: WaveformStore(sampleRate: 16000))
        #expect(batch.waveforms.map { Int($0 * 32768) } == (Array(8000..<12000) + Array(4000..<8000)))
    }
}
