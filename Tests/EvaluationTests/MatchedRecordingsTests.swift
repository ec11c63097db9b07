import Evaluation
import Files
import Speech
import SystemPackage
import TestSupport
import Testing

/// Units and features beside labels of the same recordings.
@Suite struct MatchedRecordingsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func match(
        _ frames: [RecordingFrames], _ labels: String, matchedOnly: Bool = false
    ) throws -> MatchedRecordings {
        let path = try folder.write(labels, to: "phones.tsv")
        return try MatchedRecordings(
            frames, path: "units", centres: .usual, alignments: AlignmentSet([FilePath(path)]),
            matchedOnly: matchedOnly)
    }

    private func units(samples: Int?, recording: String? = nil) -> RecordingFrames {
        RecordingFrames(
            name: "a", ids: Array(repeating: 0, count: 26), groups: 2, samples: samples, sampleRate: nil,
            line: 7, recording: recording)
    }

    /// 13 frames are of 2,385 samples or more: by 159, and by two frames that were left out. Labels may be 50 ms late.
    @Test func labelsBesideLengthsThatAreEstimates() throws {
        for frames in [units(samples: nil), RecordingFrames(name: "a", features: 13)] {
            let matched = try match([frames], "a\t0\t0.2289\tp\n")
            #expect(matched.lengthsAreEstimates && matched.recordings[0].seconds == 2385.0 / 16000)
            let problem = message { try match([frames], "a\t0\t0.1\tp\na\t0.1\t0.2291\tq\n") }
            #expect(
                problem
                    == "\(folder.file("phones.tsv")):2: ends at 0.2291 s, its recording at 0.1490625 s as the "
                    + "number of frames tells; give the recording's own alignment, or say where frames lie (--hop, "
                    + "--window, --rate, --frame-rate)")
        }
    }

    @Test func labelsBesideLengthsThatAreKnown() throws {
        #expect(try !match([units(samples: 2385)], "a\t0\t0.199\tp\n").lengthsAreEstimates)
        let problem = message { try match([units(samples: 2385)], "a\t0\t0.2\tp\n") }
        #expect(
            problem.hasSuffix(
                ": ends at 0.2 s, its recording at 0.1490625 s; give the recording's own alignment"))
    }

    @Test func lengthsThatDoNotBelongToTheFrames() throws {
        let problem = message { try match([units(samples: 3000, recording: "x.wav")], "a\t0\t0.1\tp\n") }
        #expect(
            problem
                == "units:7: has 13 frames where 3000 samples of x.wav give 16; give what was made of this "
                + "recording, or say where frames lie (--hop, --window)")
        // Two frames more or less are other programs' padding.
        for samples in [2385 - 320, 2385 + 479] { _ = try match([units(samples: samples)], "a\t0\t0.1\tp\n") }
        for samples in [2385 - 321, 2385 + 480] {
            #expect(throws: EvaluationError.self) { try match([units(samples: samples)], "a\t0\t0.1\tp\n") }
        }
    }

    @Test func featuresWithoutACounterpart() throws {
        let frames = ["a", "b"].map { RecordingFrames(name: ByteString($0), features: 13) }
        let labels = "a\t0\t0.1\tp\nc\t0\t0.1\tp\n"
        #expect(message { try match(frames, labels) }.hasPrefix("units: utterance b has no alignment; "))
        #expect(
            message { try match([frames[0]], labels) }.contains(
                "phones.tsv:2: there are no frames of utterance c"))
        #expect(
            message { try match([frames[1]], labels, matchedOnly: true) }.hasPrefix(
                "units: no utterance of it is in"))
        let matched = try match(frames, labels, matchedOnly: true)
        #expect(
            matched.recordings.map(\.frames.name) == ["a"] && (matched.unlabelled, matched.unused) == (1, 1))
    }
}
