import Foundation
import Speech
import SystemPackage
import TestSupport
import Testing

@Suite struct UtteranceListTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func lengthsComeFromTheHeaders() throws {
        _ = try folder.write(wave(ramp(100)), to: "d/a.wav")
        _ = try folder.write(wave(ramp(300)), to: "d/b.wav")
        let list = try UtteranceList(["\(folder.path)/d"], sampleRate: 16000)
        #expect(
            list.utterances == [
                Utterance(AudioSource(path: "\(folder.path)/d/a.wav"), samples: 100, id: 0),
                Utterance(AudioSource(path: "\(folder.path)/d/b.wav"), samples: 300, id: 1),
            ])
    }

    /// Large corpora have manifests so that their files need not be opened.
    @Test func lengthsComeFromTheManifest() throws {
        let manifest = try folder.write("/nowhere\na.wav\t123\n", to: "m.tsv")
        let list = try UtteranceList([manifest], sampleRate: 16000)
        #expect(list.utterances == [Utterance(AudioSource(path: "/nowhere/a.wav"), samples: 123, id: 0)])
    }

    @Test func lengthsAreThoseAfterConversion() throws {
        let path = try folder.write(wave(ramp(44100), rate: 44100), to: "a.wav")
        let manifest = try folder.write("\(folder.path)\na.wav\t44100\n", to: "m.tsv")
        for argument in [path, manifest] {
            let list = try UtteranceList([argument], sampleRate: 16000, resample: true)
            #expect(list.utterances.map(\.samples) == [16000])
        }
        let line = message { try UtteranceList([path], sampleRate: 16000) }
        #expect(
            line == "\(path): is sampled at 44100 Hz, needed are 16000 Hz: convert it, or have it resampled")
    }

    @Test func everyBadRecordingIsTold() throws {
        let none = "\(folder.path)/none.wav"
        let empty = try folder.write([], to: "d/empty.wav")
        let text = try folder.write("no sound", to: "d/text.wav")
        _ = try folder.write(wave([1]), to: "d/good.wav")
        let lines = message { try UtteranceList([none, "\(folder.path)/d"], sampleRate: 16000) }
        #expect(
            lines.split(separator: "\n") == [
                "\(none): no such file or folder",
                "\(empty): is empty: it has 0 bytes; leave it out or fetch it again",
                "\(text): is not audio (WAV, FLAC, Ogg or MP3), or its beginning is damaged; leave it out or fetch it again",
            ])
    }

    @Test func manyBadRecordingsAreSummedUp() throws {
        for index in 10..<30 { _ = try folder.write([], to: "d/\(index).wav") }
        let lines = message { try UtteranceList(["\(folder.path)/d"], sampleRate: 16000) }.split(
            separator: "\n")
        #expect(lines.count == 11)
        #expect(lines.last == "… and 10 more")
    }

    @Test func noArguments() {
        #expect(
            message { try UtteranceList([FilePath](), sampleRate: 16000) }
                == "no data: name recordings, folders or lists (.tsv, .scp)")
    }

    // MARK: Split

    func list(_ count: Int) -> UtteranceList {
        UtteranceList(
            (0..<count).map { Utterance(AudioSource(path: "\($0).wav"), samples: 100 + $0, id: $0) })
    }

    @Test(arguments: [(2, 0.05, 1), (3, 0.99, 2), (10, 0.0, 1), (100, 0.05, 5), (10, 1.0, 9)])
    func splitHoldsOutTheFractionAndNeverAll(count: Int, fraction: Double, heldOut: Int) throws {
        let (train, validation) = try list(count).split(validationFraction: fraction, seed: 1)
        #expect(validation.utterances.count == heldOut)
        let together = (train.utterances + validation.utterances).sorted { $0.id < $1.id }
        #expect(together == list(count).utterances)
        for part in [train, validation] {
            #expect(part.utterances.map(\.id) == part.utterances.map(\.id).sorted())
        }
    }

    @Test func splitDependsOnTheSeedAlone() throws {
        let first = try list(50).split(validationFraction: 0.2, seed: 7)
        let second = try list(50).split(validationFraction: 0.2, seed: 7)
        let other = try list(50).split(validationFraction: 0.2, seed: 8)
        #expect(first.validation == second.validation)
        #expect(first.validation != other.validation)
    }

    @Test func splitRefusesWhatCannotBeDivided() {
        #expect(
            message { try list(1).split(validationFraction: 0.5, seed: 1) }
                == "one recording cannot be divided: name other recordings for validation")
        #expect(
            message { try list(9).split(validationFraction: .nan, seed: 1) }
                == "the validation fraction must be between 0 and 1, not nan")
    }
}
