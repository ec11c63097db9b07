import Foundation
import Speech
import TestSupport
import Testing

@Suite struct RecordingReaderTests {
    @Test func deliversInOrderWithErrorsInTheirPlace() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write(wave(ramp(100)), to: "a.wav")
        let missing = folder.path + "/b.wav"
        let reader = RecordingReader(
            [good, missing, good].map { Recording(path: $0) }, sampleRate: 16000, resample: false, prefetch: 1
        )
        var seen: [Int?] = []
        var names: [String] = []
        while let (recording, sound) = reader.next() {
            names.append(recording.name.description)
            seen.append(try? sound.get().count)
        }
        #expect(seen == [100, nil, 100])
        #expect(names == ["a", "b", "a"])
        #expect(reader.next()?.recording == nil)
    }

    /// A consumer that gives up, for instance because its output is full, must not end the process.
    @Test func canBeLeftAtAnyPoint() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(wave(ramp(100)), to: "a.wav")
        for taken in 0...2 {
            let reader = RecordingReader(
                Array(repeating: Recording(path: path), count: 2), sampleRate: 16000, resample: false,
                prefetch: 2)
            for _ in 0..<taken { _ = reader.next() }
            // Until the background thread is done with both and has let go.
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
