import Checkpoints
import Foundation
import Speech
import TestSupport
import Testing
import Training

/// `--skip-unusable`: bad recordings are passed over and listed, and the numbers stay a function of the data.
@Suite struct UnusableRecordingTests {
    /// One whose header is bad, one that is bad inside, as long as it should be.
    private func runs() throws -> TinyRuns {
        let runs = try TinyRuns(recordings: 8)
        try Data("no sound".utf8).write(to: URL(fileURLWithPath: runs.data + "/6.wav"))
        var bytes = waveFile(tones(1700, seed: 1))
        bytes.replaceSubrange(16..<44, with: floatHeader(samples: 1700))
        bytes.append(contentsOf: [UInt8](repeating: 0xFF, count: 1700 * 2))
        bytes.replaceSubrange(4..<8, with: little(UInt32(36 + 1700 * 4)))
        try Data(bytes).write(to: URL(fileURLWithPath: runs.data + "/1.wav"))
        return runs
    }

    private func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// From the length of the chunk `fmt ` to that of `data`, for 32-bit floats.
    private func floatHeader(samples: Int) -> [UInt8] {
        let rates = little(16000) + little(64000)
        let format = little(16) + [3, 0, 1, 0] + rates + [4, 0, 32, 0]
        return format + Array("data".utf8) + little(UInt32(4 * samples))
    }

    private var configuration: RunConfiguration {
        var run = tiny(updates: 8)
        run.data.validationFraction = 0
        run.training.accumulateBatches = 2
        return run
    }

    @Test func areRefusedOtherwise() throws {
        let runs = try runs()
        #expect(message { try runs.train("run", configuration) }.contains("/6.wav: "))
        try FileManager.default.removeItem(atPath: runs.data + "/6.wav")
        #expect(message { try runs.train("run", configuration) }.contains("/1.wav: is damaged: sample "))
    }

    @Test func arePassedOverAndListed() throws {
        let runs = try runs()
        let data = try TrainingData([runs.data], configuration: configuration, skippingUnusable: true)
        #expect(data.unusable.count == 1 && "\(data.unusable[0])".contains("/6.wav: "))
        #expect(data.fingerprint.utterances == 7)
        let whole = try runs.train("whole", configuration, skippingUnusable: true)
        let warnings = try whole.logLines("warning").compactMap { $0["message"] as? String }
        #expect(
            warnings.filter { $0.hasPrefix("skipped: \(runs.data)/1.wav: is damaged: sample ") }.count == 1)

        let parts = try runs.train("parts", configuration, upTo: 3, skippingUnusable: true)
        try runs.train("parts", configuration, resume: true, skippingUnusable: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
    }

    @Test func whereNothingIsLeftTheRunEnds() throws {
        let runs = try runs()
        for index in [0, 2, 3, 4, 5, 7] {
            try FileManager.default.removeItem(atPath: "\(runs.data)/\(index).wav")
        }
        let text = message { try runs.train("run", configuration, skippingUnusable: true) }
        #expect(text == "update 1: none of the recordings can be used; name others")
        try FileManager.default.removeItem(atPath: runs.data + "/1.wav")
        let all = message {
            try TrainingData([runs.data], configuration: configuration, skippingUnusable: true)
        }
        #expect(all.contains("/6.wav: "))
    }
}
