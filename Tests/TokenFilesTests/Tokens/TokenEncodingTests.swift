import Files
import Foundation
import TensorFiles
import TestSupport
import Testing
import TokenFiles

/// The arithmetic of ids and durations.
@Suite struct TokenEncodingTests {
    let trial: TokenTrial

    init() throws { trial = try TokenTrial() }

    /// The ids of an utterance and its durations, as jsonl has them.
    private func encoded(
        _ ids: [Int32], groups: Int, codewords: Int, as kind: TokenIDs, deduplicates: Bool = false
    ) throws -> (ids: [Int], durations: [Int]?) {
        let options = trial.options(.jsonl, kind, deduplicates: deduplicates)
        let output = try TokenOutput(
            options, encoding: options.encoding(groups: groups, codewords: codewords),
            recordings: [RecordingName(path: "x")], inputs: [], description: trial.description())
        try output.write(
            TokenizedUtterance(path: "x", samples: 1, sampleRate: 1, groups: groups, ids: ids))
        try output.finish()
        guard case .object(let object) = try JSONValue(parsing: trial.folder.text("out")) else {
            return ([], nil)
        }
        func integers(_ value: JSONValue?) -> [Int]? {
            guard case .array(let values)? = value else { return nil }
            return values.flatMap { value -> [Int] in
                if case .integer(let integer) = value { return [integer] }
                return integers(value) ?? []
            }
        }
        #expect(object["frames"] == .integer(ids.count / groups))
        return (integers(object["ids"]) ?? [], integers(object["durations"]))
    }

    /// Σ id_g · V^(G−1−g), and id_g + g · V.
    @Test(arguments: [(1, 7), (2, 320), (3, 64), (4, 100)]) func arithmetic(groups: Int, codewords: Int)
        throws
    {
        let frames = 50
        let ids = (0..<frames * groups).map { Int32(($0 * 7919 + 13) % codewords) }
        let combined = (0..<frames).map { frame in
            (0..<groups).reduce(0) { sum, group in
                let power = (0..<groups - 1 - group).reduce(1) { product, _ in product * codewords }
                return sum + Int(ids[frame * groups + group]) * power
            }
        }
        let flat = ids.indices.map { Int(ids[$0]) + $0 % groups * codewords }
        #expect(try encoded(ids, groups: groups, codewords: codewords, as: .combined).ids == combined)
        #expect(try encoded(ids, groups: groups, codewords: codewords, as: .flat).ids == flat)
        #expect(try encoded(ids, groups: groups, codewords: codewords, as: .pair).ids == ids.map(Int.init))
    }

    @Test(arguments: [
        (TokenIDs.combined, 2, 46341), (.combined, 4, 320), (.combined, 64, 2),
        (.combined, 1_000_000, 1 << 20),
        (.flat, 1 << 11, (1 << 20) + 1), (.flat, .max, .max), (.pair, 1, 1 << 31 + 1), (.pair, 0, 4),
        (.flat, 2, 0),
    ])
    func whatDoesNotFitIsRefused(ids: TokenIDs, groups: Int, codewords: Int) {
        #expect(throws: TokenFormatError.self) {
            try TokenEncoding(ids, groups: groups, codewords: codewords)
        }
    }

    @Test func theRefusalSaysWhatToUse() {
        #expect(
            message { _ = try TokenEncoding(.combined, groups: 4, codewords: 320) }
                == "combined ids of 4 groups of 320 codewords do not fit 32-bit integers; use --ids pair or flat"
        )
        #expect(
            message { _ = try TokenEncoding(.flat, groups: 4096, codewords: 1 << 20) }.hasSuffix(
                "use --ids pair"))
    }

    /// The largest ids that fit.
    @Test func theLargestIDs() throws {
        let combined = try encoded([46339, 46339], groups: 2, codewords: 46340, as: .combined)
        #expect(combined.ids == [46340 * 46340 - 1])
        let bits = try encoded([Int32](repeating: 1, count: 31), groups: 31, codewords: 2, as: .combined)
        #expect(bits.ids == [Int(Int32.max)])
        #expect(try encoded([0, 0], groups: 2, codewords: 1, as: .combined).ids == [0])
        let flat = try encoded([0, (1 << 30) - 1], groups: 2, codewords: 1 << 30, as: .flat)
        #expect(flat.ids == [0, Int(Int32.max)])
    }

    @Test(
        arguments: [
            ([1, 2, 1, 2, 1, 3, 1, 2, 1, 2, 1, 2], [1, 2, 1, 3, 1, 2], [2, 1, 3]),
            ([5, 5, 5, 5], [5, 5], [2]), ([5, 6, 6, 5], [5, 6, 6, 5], [1, 1]),
            ([1, 2, 3, 2], [1, 2, 3, 2], [1, 1]), ([1, 2], [1, 2], [1]),
            ([], [], []),
        ] as [([Int32], [Int], [Int])])
    func runsOfEqualFrames(ids: [Int32], kept: [Int], durations: [Int]) throws {
        let pairs = try encoded(ids, groups: 2, codewords: 9, as: .pair, deduplicates: true)
        #expect(pairs.ids == kept && pairs.durations == durations)
        // Of frames, however they are written: one duration for the numbers of all groups.
        let flat = try encoded(ids, groups: 2, codewords: 9, as: .flat, deduplicates: true)
        #expect(flat.ids == kept.enumerated().map { $1 + $0 % 2 * 9 } && flat.durations == durations)
        #expect(try encoded(ids, groups: 2, codewords: 9, as: .pair).durations == nil)
    }

    @Test(arguments: [([300, 0], 2), ([-1, 0], 2), ([1, 2, 3], 3), ([1], 1)] as [([Int32], Int)])
    func idsOfAnotherModelAreRefused(ids: [Int32], groups: Int) throws {
        let output = try trial.start(trial.options(.tsv), paths: ["x"])
        let utterance = TokenizedUtterance(path: "x", samples: 1, sampleRate: 1, groups: groups, ids: ids)
        #expect(
            message { try output.write(utterance) }.hasPrefix("x: its ids are not those of 2 groups of 300"))
    }
}
