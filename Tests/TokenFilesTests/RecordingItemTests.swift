import Files
import Testing
import TokenFiles

/// Items that another process takes over are the same.
@Suite struct RecordingItemTests {
    private func again<Item: RecordingItem>(_ item: Item, _ recording: RecordingName) -> Item {
        Item(of: recording, numbers: item.numbers, values: item.withValues { Array($0) })
    }

    @Test func tokens() {
        let recording = RecordingName(path: ByteString("speech/ä.flac"), name: ByteString("utterance"))
        for ids in [[Int32]](arrayLiteral: [], [3, 17, .max, .min]) {
            let utterance = TokenizedUtterance(
                path: recording.path, name: recording.name, samples: 12345, sampleRate: 16000, channels: 2,
                groups: 2, ids: ids)
            #expect(again(utterance, recording) == utterance)
        }
    }

    @Test func features() {
        let recording = RecordingName(path: ByteString("a.wav"))
        let values: [Float] = [1, -0.0, .infinity, 1e-30, 5, 6]
        values.withUnsafeBufferPointer { values in
            let copy = again(FeatureMatrix(recording, frames: 3, channels: 2, values: values), recording)
            #expect(copy.frames == 3 && copy.channels == 2 && copy.recording == recording)
            copy.withValues { #expect($0.elementsEqual(UnsafeRawBufferPointer(values))) }
        }
    }
}
