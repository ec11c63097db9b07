import Foundation
import Speech
import TestSupport
import Testing

@Suite struct ShardTests {
    private func list(_ lengths: [Int]) -> [Recording] {
        lengths.enumerated().map { Recording(path: "\($0).wav", listedSamples: $1) }
    }

    /// The lengths of each of `count` shards.
    private func divide(_ lengths: [Int], by count: Int) throws -> [[Int]] {
        try (1...count).map { index in
            let shard = try Shard(parsing: "\(index)/\(count)")
            return try shard.recordings(of: list(lengths), sampleRate: 16000).compactMap(\.listedSamples)
        }
    }

    @Test func balancedByDuration() throws {
        #expect(try divide([10, 10, 10, 10], by: 2) == [[10, 10], [10, 10]])
        #expect(try divide([30, 10, 10, 10], by: 2) == [[30], [10, 10, 10]])
        #expect(try divide([1, 1, 1, 97], by: 2) == [[1, 1, 1], [97]])
        #expect(try divide([97, 1, 1, 1], by: 3) == [[], [97], [1, 1, 1]])
        #expect(try divide([5], by: 4) == [[], [], [5], []])
        #expect(try divide([7, 8], by: 1) == [[7, 8]])
    }

    /// Together they are the list, and none is further from its share than the longest recording.
    @Test func shardsAreTheListInOrder() throws {
        var state: UInt64 = 1
        func random(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for _ in 0..<100 {
            let lengths = (0..<random(below: 40) + 1).map { _ in random(below: 500_000) + 1 }
            let count = random(below: 50) + 1
            let shards = try divide(lengths, by: count)
            #expect(shards.flatMap { $0 } == lengths)
            let share = Double(lengths.reduce(0, +)) / Double(count)
            for shard in shards {
                #expect(abs(Double(shard.reduce(0, +)) - share) <= Double(lengths.max() ?? 0))
            }
        }
    }

    /// What processes share is what shards would have.
    @Test func allRangesAtOnce() throws {
        let lengths = [16000, 8000, 30000, 1, 24000, 16000]
        for count in 1...7 {
            let (ranges, longest) = Shard.ranges(of: list(lengths), count: count, sampleRate: 16000)
            let parts = try divide(lengths, by: count)
            #expect(ranges.map { Array(lengths[$0]) } == parts)
            #expect(longest == parts.map { Double($0.reduce(0, +)) / 16000 }.max())
        }
    }

    @Test func absurdNumbersDoNotOverflow() throws {
        let long = [Int](repeating: .max, count: 3)
        #expect(try divide(long, by: 3) == [[.max], [.max], [.max]])
        let last = try Shard(parsing: "\(Int.max)/\(Int.max)")
        #expect(try last.recordings(of: list([1, 2, 3]), sampleRate: 16000).isEmpty)
        #expect(try last.recordings(of: [], sampleRate: 16000).isEmpty)
        let negative = [Int.min, -1, 0]
        #expect(try divide(negative, by: 3) == [[.min], [-1], [0]])
    }

    /// From headers, segments and lists; what is no recording counts next to nothing but belongs to a shard. What the system
    /// does not let be read would be of another length elsewhere.
    @Test func durationsOfFiles() throws {
        let folder = try TemporaryFolder()
        let long = try folder.write(wave(ramp(8000), rate: 8000), to: "long.wav")
        let short = try folder.write(wave(ramp(4000)), to: "short.wav")
        let recordings = [
            Recording(path: try folder.write("no sound", to: "none.wav")), Recording(path: long),
            Recording(path: short),
            Recording(AudioSource(path: long, part: .init(start: 0.5)), name: "end"),
            Recording(AudioSource(path: "none.wav", part: .init(start: 1, end: 1.25)), name: "part"),
        ]
        // 1, 16000, 4000, 8000 and 4000 samples at 16 kHz.
        let shards = try ["1/2", "2/2"].map {
            try Shard(parsing: $0).recordings(of: recordings, sampleRate: 16000).map(\.name)
        }
        #expect(shards == [["none", "long"], ["short", "end", "part"]])
        let missing = Recording(path: "\(folder.path)/missing.wav")
        #expect(throws: AudioError.missing(missing.path)) {
            try Shard(parsing: "1/2").range(of: recordings + [missing], sampleRate: 16000)
        }
        // One who divides for all can pass over it.
        let parts = Shard.ranges(of: recordings + [missing], count: 2, sampleRate: 16000)
        #expect(parts.ranges == [0..<2, 2..<6])
    }

    @Test(arguments: ["5/4", "0/4", "0/0", "1/0"]) func noSuchShard(text: String) {
        #expect(
            message { try Shard(parsing: text) } == "shards of n are 1/n to n/n: there is no \(text)")
    }

    @Test(arguments: [
        "a/b", "1", "", "/", "1/", "/2", "1/2/3", "-1/2", "+1/2", " 1/2", "1/2 ", "1.0/2", "0x1/2", "١/٢",
        "1/99999999999999999999",
    ])
    func noShardAtAll(text: String) {
        #expect(message { try Shard(parsing: text) } == "a shard is i/n, such as 3/8, not \"\(text)\"")
    }
}

extension Shard {
    fileprivate func recordings(of all: [Recording], sampleRate: Int) throws -> [Recording] {
        Array(all[try range(of: all, sampleRate: sampleRate)])
    }
}
