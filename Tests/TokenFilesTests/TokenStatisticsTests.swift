import Foundation
import TestSupport
import Testing
import TokenFiles

@Suite struct TokenStatisticsTests {
    private func utterance(_ ids: [Int32], groups: Int, samples: Int = 0) -> TokenizedUtterance {
        TokenizedUtterance(path: "a", samples: samples, sampleRate: 16000, groups: groups, ids: ids)
    }

    @Test func countsOverSeveralFiles() {
        var statistics = TokenStatistics()
        statistics.add(utterance([0, 5, 1, 5, 0, 5], groups: 2, samples: 16000))
        statistics.add(utterance([5, 0, 0, 5, 1, 6], groups: 2, samples: 8000))
        #expect(statistics.files == 2 && statistics.frames == 6 && statistics.samples == 24000)
        #expect(statistics.audioSeconds == 1.5)
        #expect(statistics.distinctCodes == [3, 3])
        #expect(statistics.combinations == 4)
        // Group 0: 0 three times, 1 twice, 5 once; group 1: 5 four times, 0 and 6 once.
        let first = pow(2, 1.0 / 2) * pow(3, 1.0 / 3) * pow(6, 1.0 / 6)
        let second = pow(1.5, 2.0 / 3) * pow(6, 1.0 / 3)
        #expect(abs(statistics.perplexities[0] - first) < 1e-12)
        #expect(abs(statistics.perplexities[1] - second) < 1e-12)
    }

    @Test(arguments: [1, 2, 3, 4]) func combinationsOfAnyNumberOfGroups(_ groups: Int) {
        var random = SeededGenerator(seed: UInt64(groups))
        let frames = (0..<2000).map { _ in
            (0..<groups).map { _ in Int32.random(in: 0..<6, using: &random) * 1_000_000 }
        }
        var statistics = TokenStatistics()
        for part in [frames[..<700], frames[700...]] {
            statistics.add(utterance(part.flatMap { $0 }, groups: groups))
        }
        #expect(statistics.combinations == Set(frames).count)
        #expect(statistics.distinctCodes == (0..<groups).map { group in Set(frames.map { $0[group] }).count })
    }

    @Test func equallyFrequentCodesAndASingleOne() {
        var statistics = TokenStatistics()
        statistics.add(utterance((0..<320).flatMap { [$0, 7] }, groups: 2))
        #expect(abs(statistics.perplexities[0] - 320) < 1e-9 && statistics.perplexities[1] == 1)
    }

    @Test func summary() {
        var statistics = TokenStatistics()
        statistics.add(utterance([0, 7, 1, 7], groups: 2, samples: 16000 * 90))
        let lines = statistics.summary(codewords: 320, seconds: 4.5)
        #expect(
            lines == [
                "files             1",
                "audio             0.025 h",
                "frames            2",
                "distinct codes    2 | 1 of 320",
                "combinations      2",
                "perplexity        2.0 | 1.0",
                "real-time factor  0.0500 (20.0 s of audio per second)",
            ])
    }

    @Test func summaryOfNothing() {
        var statistics = TokenStatistics()
        let expected = ["files             0", "audio             0.000 h", "frames            0"]
        #expect(statistics.summary(codewords: 320, seconds: 0) == expected)
        statistics.add(TokenizedUtterance(path: "a", samples: 5, sampleRate: 0, groups: 2, ids: []))
        #expect(statistics.audioSeconds == 0 && statistics.combinations == 0)
        #expect(statistics.summary(codewords: 320, seconds: 1).count == 3)
    }
}
