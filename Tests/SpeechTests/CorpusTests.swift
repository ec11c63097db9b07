import Foundation
import Speech
import Testing

/// The recordings in `data/` are what its README says.
@Suite struct CorpusTests {
    let data = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("data").path

    @Test(arguments: [("train", 40, 5_887_772), ("validation", 4, 724_718), ("test", 5, 764_000)])
    func recordingsAndLabels(part: String, count: Int, samples: Int) throws {
        let list = try UtteranceList(["\(data)/\(part)"], sampleRate: 16000)
        #expect(list.utterances.count == count)
        #expect(list.utterances.reduce(0) { $0 + $1.samples } == samples)
        for utterance in list.utterances {
            #expect(try AudioFile.info(utterance.path).channels == 1)
            let waveform = try AudioFile.read(utterance.path, sampleRate: 16000)
            #expect(waveform.samples.count == utterance.samples)

            let name = (utterance.path as NSString).deletingPathExtension
            let labels = try String(contentsOfFile: "\(name).lab", encoding: .utf8)
                .split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
            #expect(labels.allSatisfy { $0.count == 3 })
            let ends = labels.compactMap { Double($0[0]) }
            #expect(ends.count == labels.count && ends == ends.sorted())
            let seconds = Double(utterance.samples) / 16000
            #expect(abs(try #require(ends.last) - seconds) < 0.1, "\(name)")
        }
    }

    @Test func partsShareNoUtteranceAndAreSmall() throws {
        let search = RecordingSearch(["\(data)/train", "\(data)/validation", "\(data)/test"])
        let names = search.recordings.map { ($0.path as NSString).lastPathComponent }
        #expect(Set(names).count == 49 && names.count == 49)
        let bytes = try search.recordings.map { try Data(contentsOf: URL(fileURLWithPath: $0.path)).count }
        #expect(bytes.reduce(0, +) <= 8_000_000)
    }
}
